using GitOpsGrains.Abstractions;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Testing.Metrics;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Hosting;

/// <summary>What is counted of a provider that fails.</summary>
public sealed class BoundedGrainStorageTests
{
    private static readonly GrainId Grain = GrainId.Create("test", "one");

    [Fact]
    public async Task Failures_AreCountedByOperation_AndLateWritesAreNone()
    {
        using var measured = new Measured("gitopsgrains.storage.failures");
        var state = new GrainState<string>("") { ETag = "1" };

        var away = new BoundedGrainStorage(new FailingStorage(() => new TimeoutException()), "state");
        await Assert.ThrowsAsync<TimeoutException>(() => away.ReadStateAsync("s", Grain, state));
        await Assert.ThrowsAsync<StorageFailedException>(() => away.WriteStateAsync("s", Grain, state));
        await Assert.ThrowsAsync<StorageFailedException>(() => away.WriteStateAsync("s", Grain, state));
        await Assert.ThrowsAsync<StorageFailedException>(() => away.ClearStateAsync("s", Grain, state));
        var late = new BoundedGrainStorage(new FailingStorage(() => new InconsistentStateException("another etag", "a", "b")), "state");
        await Assert.ThrowsAsync<InconsistentStateException>(() => late.WriteStateAsync("s", Grain, state));

        Assert.Equal(
            [("gitopsgrains.storage.failures store=state operation=clear", 1d), ("gitopsgrains.storage.failures store=state operation=read", 1d), ("gitopsgrains.storage.failures store=state operation=write", 2d)],
            measured.Sums);
    }

    private sealed class FailingStorage(Func<Exception> failure) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.FromException(failure());

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.FromException(failure());

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.FromException(failure());
    }
}
