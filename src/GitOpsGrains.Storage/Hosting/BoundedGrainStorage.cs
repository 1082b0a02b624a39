using System.Text.Json;
using GitOpsGrains.Abstractions;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// A provider's storage with the limit on a state's size that all backends share, counted, and with one error for all failures of
/// writes. The limit is enforced where the bytes appear, in the serializer; which grain it was is only known here. What comes of each
/// call says how the storage is.
/// </summary>
internal sealed class BoundedGrainStorage(IGrainStorage inner, string store, StorageHealth? health = null) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        StorageInstruments.StateOperation(store, "read", stateName);
        return NoteAsync(inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken), "read");
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var size = BoundedSerializer.Watch();
        try
        {
            await NoteAsync(inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken), "write", () => size.Refused is not null);
        }
        catch (Exception) when (size.Refused is { } length)
        {
            throw new GrainStateTooLargeException(stateName, grainId, length, GrainStateTooLargeException.DefaultLimit);
        }
        catch (Exception failure) when (IsOfTheStorage(failure, cancellationToken))
        {
            throw new StorageFailedException(StorageFailure.Describe(failure), failure);
        }

        StorageInstruments.StateOperation(store, "write", stateName);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(grainState.ETag))
        {
            await RequireAbsentAsync(stateName, grainId, grainState, cancellationToken);
            return;
        }

        StorageInstruments.StateOperation(store, "clear", stateName);
        try
        {
            await NoteAsync(inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken), "clear");
        }
        catch (Exception failure) when (IsOfTheStorage(failure, cancellationToken))
        {
            throw new StorageFailedException(StorageFailure.Describe(failure), failure);
        }
    }

    /// <param name="isRefusedHere">The call failed without having been sent.</param>
    private async Task NoteAsync(Task call, string operation, Func<bool>? isRefusedHere = null)
    {
        try
        {
            await call;
        }
        catch (Exception failure) when (failure is not OperationCanceledException && isRefusedHere?.Invoke() != true)
        {
            health?.Failed(failure);
            if (failure is not InconsistentStateException) StorageInstruments.StateFailed(store, operation);
            throw;
        }
        health?.Answered(isWrite: operation != "read");
    }

    private static bool IsOfTheStorage(Exception failure, CancellationToken cancellationToken) =>
        // A state that can't be written as JSON is a fault of this program, and no storage will ever take it.
        failure is not (InconsistentStateException or JsonException or NotSupportedException) && !cancellationToken.IsCancellationRequested;

    /// <summary>Blobs would be deleted without a look at the etag: what this activation never saw is not its own to remove.</summary>
    private async Task RequireAbsentAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var stored = new GrainState<T>();
        await ReadStateAsync(stateName, grainId, stored, cancellationToken);
        if (stored.RecordExists)
            throw new InconsistentStateException($"the clear of state '{stateName}' of grain '{grainId}' was refused: another activation has written it", stored.ETag ?? "", "");
        (grainState.State, grainState.ETag, grainState.RecordExists) = (stored.State, null, false);
    }
}
