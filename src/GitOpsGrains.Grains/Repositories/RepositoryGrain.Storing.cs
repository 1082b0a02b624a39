using GitOpsGrains.Abstractions;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What is durable: the document and what was verified in one record, who uses the repository in that and in others.</summary>
public sealed partial class RepositoryGrain
{
    /// <summary>Something else than subscribers is not stored yet.</summary>
    private bool _isStateDirty;

    /// <summary>A write of several records has not ended well: what it has stored of it may have been undone since.</summary>
    private bool _owesWrite;

    private bool _isDeleting;

    public async Task UnsubscribeAsync(string application)
    {
        _subscriptions.Remove(application);
        if (_subscribers.Find(application) is not { } clusters)
        {
            // Another call's removal may be under way and fail, and what failed half-way may have stored it.
            await _writes.StoredAsync();
            await _writes.RunAsync();
            return;
        }
        _subscribers.Remove(application);
        await _writes.RunAsync().OrUndoAsync(() =>
        {
            if (_subscribers.Find(application) is null) _subscribers.Set(application, clusters);
        });
    }

    private async Task SubscribeAsync(string application, IReadOnlyList<string> known)
    {
        var clusters = _subscribers.Find(application);
        if (clusters?.SequenceEqual(known) == true)
        {
            // An earlier call that nobody waits for any more may be storing it, or have failed half-way.
            await (_owesWrite ? _writes.RunAsync() : _writes.StoredAsync());
            return;
        }
        var own = _subscribers.Set(application, known);
        await _writes.RunAsync().OrUndoAsync(() =>
        {
            // Another call has said something newer.
            if (!ReferenceEquals(_subscribers.Find(application), own)) return;
            if (clusters is null) _subscribers.Remove(application);
            else _subscribers.Set(application, clusters);
        });
    }

    private Task StoreAsync()
    {
        _isStateDirty = true;
        return _writes.RunAsync();
    }

    /// <summary>Both as they are when this begins: what changes meanwhile is asked to be stored by the next write, and may be undone if that fails.</summary>
    private async Task WriteAsync()
    {
        var isOfSeveral = _subscribers.HasDirtyRecords;
        try
        {
            // What moves there from the state is in both for a moment rather than nowhere, and what a state names is its own.
            while (_subscribers.RecordsComeFirst) await _subscribers.FlushAsync();
            await Task.WhenAll(_subscribers.FlushAsync(), WriteStateAsync());
            _owesWrite = false;
        }
        catch
        {
            _isStateDirty = true;
            _owesWrite |= isOfSeveral;
            throw;
        }
    }

    private async Task WriteStateAsync()
    {
        if (!_isStateDirty && !_subscribers.IsStateDirty) return;
        _isStateDirty = false;
        _subscribers.StateTaken();
        await _state.WriteStateAsync();
    }

    /// <summary>What a failed write has stored and its callers have undone is written over before the next start believes it.</summary>
    private async Task WriteOwedAsync()
    {
        if (!_owesWrite || _isDeleting) return;
        try
        {
            await _writes.RunAsync();
        }
        catch (InconsistentStateException outdated)
        {
            LogOwed(outdated, Name);
            DeactivateOnIdle();
        }
#pragma warning disable CA1031 // Nothing that a storage does may end the polls; it is logged, and tried again.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            LogOwed(refused, Name);
        }
    }

    [LoggerMessage(2004, LogLevel.Warning, "Repository {Repository}: a write that failed could not be done again yet")]
    private partial void LogOwed(Exception exception, string repository);
}
