using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>Looking at the server: is it reachable, the one that we know, and ours?</summary>
public sealed partial class ClusterSession
{
    private static readonly TimeSpan LeaseInterval = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _look = new(0);
    private readonly ChangeSignal _returned = new();
    private long _leaseSeen;

    /// <summary>When the kinds were asked for last since the session was opened; 0: never.</summary>
    private long _learnedAt;

    /// <summary>Looks at the server without waiting for the next time that it would be.</summary>
    internal void LookNow() => _look.Release();

    /// <summary>A watch could not be held: whether the server is there is to be known before its next turn.</summary>
    private void LookAtLost()
    {
        if (State.IsReady && _look.CurrentCount == 0) LookNow();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var inVain = 0; ;)
            {
                var before = State;
                var next = await LookAsync();
                TakeOver(next);
                inVain = next.IsReady ? 0 : inVain + 1;
                if (next.IsReady && !before.IsReady) _returned.Raise();
                _tried.TrySetResult();
                LookBack();
                if (next.IsReady != before.IsReady || next.Condition?.Message != before.Condition?.Message) Announce(next);
                else if (Interlocked.Exchange(ref _hasReturned, false)) TellTargets();
                await _look.WaitAsync(ProbePace.Of(_clusters(), inVain), _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _tried.TrySetResult();
        }
    }

    private async Task<SessionState> LookAsync()
    {
        try
        {
            return await ProbeAsync();
        }
#pragma warning disable CA1031 // The top of a loop: reported as the cluster's condition, and tried again.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogProbeFailed(Name, failure);
            return SessionState.Failed(State.Connection, Of(ConditionTypes.ClusterUnreachable, $"looking at the cluster failed: {failure.GetType().Name}"));
        }
    }

    private void Announce(SessionState state)
    {
        if (state.Condition is { } condition) LogNotReady(Name, condition.Type, condition.Message);
        else LogReady(Name, state.Version);
        TellTargets();
    }

    /// <summary>One look at the server: reachable, the one we know, and ours.</summary>
    private async Task<SessionState> ProbeAsync()
    {
        var connection = _state.Connection;
        if (connection is null)
        {
            var connected = await _connector.ConnectAsync(_access, _stopping.Token);
            if (!connected.IsSuccess) return SessionState.Failed(null, Of(ConditionTypes.ClusterAccessDenied, connected.Error.Message));
            connection = connected.Value;
        }
        var server = await connection.ReadServerAsync(_stopping.Token);
        if (!server.IsSuccess && server.Error.Kind is ClusterErrorKind.Unauthorized or ClusterErrorKind.Untrusted)
        {
            // Credentials and authorities may have been renewed in their file: the next look reads it again. Nobody may begin a watch meanwhile.
            var denied = SessionState.Failed(null, Of(ConditionOf(server.Error), server.Error.Message));
            Volatile.Write(ref _state, denied);
            await CloseWatchesAsync();
            // Nobody looks until then: the server may be restored meanwhile, and count beyond what was seen.
            (_epochs, _isSuccessor) = (new StoreEpochs(), true);
            await connection.DisposeAsync();
            return denied;
        }
        if (!server.IsSuccess) return SessionState.Failed(connection, Of(ConditionOf(server.Error), server.Error.Message));
        // Two documents of one cluster would each take the other's objects for their own.
        if (_acceptedIdentity is null && _twin(server.Value.Identity) is { } twin) return Duplicate(connection, twin);
        if (_acceptedIdentity is not null && _acceptedIdentity != server.Value.Identity)
            return SessionState.Failed(connection, Of(ConditionTypes.ClusterIdentityChanged,
                $"another cluster answers at this address: the uid of kube-system is {server.Value.Identity}, was {_acceptedIdentity}; nothing is written until it is taken over (gitopsctl cluster takeover)"));
        if (_state is { IsReady: true, Catalog: { } known })
        {
            if (_time.GetElapsedTime(_leaseSeen) < LeaseInterval) return _state with { Version = server.Value.GitVersion };
            // Another installation may have been given the cluster: a restored backup beside this one.
            var still = await HoldLeaseAsync(connection, known, server.Value.Identity);
            if (still.Error is null) _leaseSeen = _time.GetTimestamp();
            if (still.Twin is { } second) return Duplicate(connection, second);
            return still.Conflict is { } taken ? SessionState.Failed(connection, Of(ConditionTypes.InstallationConflict, taken)) : _state with { Version = server.Value.GitVersion };
        }
        // Whoever was away may have been upgraded meanwhile, or restored.
        var catalog = await connection.DiscoverAsync(fresh: true, _stopping.Token);
        if (!catalog.IsSuccess) return SessionState.Failed(connection, Of(ConditionOf(catalog.Error), catalog.Error.Message));
        var lease = await HoldLeaseAsync(connection, catalog.Value, server.Value.Identity);
        // Whose the cluster is must be known before anything is written.
        if (lease.Error is { } unknown) return SessionState.Failed(connection, Of(ConditionOf(unknown), unknown.Message));
        _leaseSeen = _time.GetTimestamp();
        if (lease.Twin is { } other) return Duplicate(connection, other);
        if (lease.Conflict is { } conflict) return SessionState.Failed(connection, Of(ConditionTypes.InstallationConflict, conflict));
        if (_acceptedIdentity is null && TwinOrAccept(server.Value.Identity) is { } sibling) return Duplicate(connection, sibling);
        return new SessionState(connection, catalog.Value, server.Value.GitVersion, null, lease.Notice is null ? null : Of(ConditionTypes.LeaseForbidden, lease.Notice));
    }

    /// <summary>
    /// Accepts a server unless another document has been quicker. Only one that may be written to is accepted: a document that a mistake
    /// has led here can be mended.
    /// </summary>
    private string? TwinOrAccept(string identity)
    {
        if (_twin(identity) is { } twin) return twin;
        _acceptedIdentity = identity;
        IdentitySeen?.Invoke(identity);
        return null;
    }

    /// <summary>A document that is there no more, or is another cluster's now, has left its name behind: this one takes its place.</summary>
    private async Task<LeaseAnswer> HoldLeaseAsync(IClusterConnection connection, ApiCatalog catalog, string identity)
    {
        var lease = await InstallationLease.HoldAsync(connection, catalog, _installation, Name, _stopping.Token);
        if (lease.Twin is not { } twin || await _isRegistered(twin, identity).WaitAsync(_stopping.Token)) return lease;
        return InstallationLease.Written(await InstallationLease.TakeAsync(connection, catalog, _installation, Name, _stopping.Token));
    }

    private SessionState Duplicate(IClusterConnection connection, string twin) => SessionState.Failed(
        connection, Of(ConditionTypes.ClusterDuplicate, $"this is the same cluster as {twin}; nothing is written through a second document (gitopsctl cluster takeover makes this one its document)"));

    /// <summary>Asks the server for its kinds anew, after a CustomResourceDefinition was established. Null: it did not answer, or is not ready.</summary>
    public async Task<ApiCatalog?> RediscoverAsync(CancellationToken cancellationToken)
    {
        // A session that is not ready must not become writable by its kinds alone.
        if (State is not { IsReady: true, Connection: { } connection }) return null;
        if (await connection.DiscoverAsync(fresh: true, cancellationToken) is { IsSuccess: false }) return null;
        while (State is { IsReady: true } state && state.Connection == connection)
        {
            // Others ask too, and the state has changed with their answers: what counts is the newest one, whoever asked for it.
            var newest = await connection.DiscoverAsync(fresh: false, cancellationToken);
            if (!newest.IsSuccess) return null;
            if (!ReferenceEquals(Interlocked.CompareExchange(ref _state, state with { Catalog = newest.Value }, state), state)) continue;
            Volatile.Write(ref _learnedAt, _time.GetTimestamp());
            return newest.Value;
        }
        return null;
    }

    /// <summary>As <see cref="RediscoverAsync"/>, but for those who only wait for a kind: however many they are, the server is asked once in this time.</summary>
    public async Task RediscoverAfterAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var learned = Volatile.Read(ref _learnedAt);
        if (learned != 0 && _time.GetElapsedTime(learned) < age) return;
        // Of those that come together one asks; the others go by what is known.
        if (Interlocked.CompareExchange(ref _learnedAt, _time.GetTimestamp(), learned) == learned) await RediscoverAsync(cancellationToken);
    }

    /// <summary>What a look has found; the kinds that were asked for meanwhile stay.</summary>
    private void TakeOver(SessionState next)
    {
        SessionState before, merged;
        do
        {
            before = State;
            merged = next.IsReady && before.IsReady && before.Connection == next.Connection ? next with { Catalog = before.Catalog } : next;
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _state, merged, before), before));
    }

    private static string ConditionOf(ClusterError error) => error.Kind switch
    {
        ClusterErrorKind.Unauthorized or ClusterErrorKind.Forbidden => ConditionTypes.ClusterAccessDenied,
        ClusterErrorKind.Untrusted => ConditionTypes.ClusterUntrusted,
        _ => ConditionTypes.ClusterUnreachable,
    };

    private Condition Of(string type, string message) => new() { Type = type, Message = message, Since = _time.GetUtcNow() };

    [LoggerMessage(2310, LogLevel.Information, "Cluster {Cluster} is ready ({Version})")]
    private partial void LogReady(string cluster, string version);

    [LoggerMessage(2311, LogLevel.Warning, "Cluster {Cluster} is not usable: {Type}: {Message}")]
    private partial void LogNotReady(string cluster, string type, string message);

    [LoggerMessage(2312, LogLevel.Error, "Looking at cluster {Cluster} failed")]
    private partial void LogProbeFailed(string cluster, Exception failure);
}
