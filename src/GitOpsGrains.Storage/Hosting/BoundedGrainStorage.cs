using GitOpsGrains.Abstractions;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// A provider's storage with the limit on a state's size that all backends share, counted, and with one error for all failures of
/// writes. The limit is enforced where the bytes appear, in the serializer; which grain it was is only known here.
/// </summary>
internal sealed class BoundedGrainStorage(IGrainStorage inner, string store) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        StorageInstruments.StateOperation(store, "read", stateName);
        return inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var size = BoundedSerializer.Watch();
        try
        {
            await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
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
            await inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken);
        }
        catch (Exception failure) when (IsOfTheStorage(failure, cancellationToken))
        {
            throw new StorageFailedException(StorageFailure.Describe(failure), failure);
        }
    }

    private static bool IsOfTheStorage(Exception failure, CancellationToken cancellationToken) =>
        failure is not InconsistentStateException && !cancellationToken.IsCancellationRequested;

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
