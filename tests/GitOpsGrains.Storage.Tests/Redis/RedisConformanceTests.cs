using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Tests.Conformance;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Redis;

public sealed class RedisGrainStorageConformanceTests : GrainStorageConformance
{
    private OpenedStorage? _storage;

    protected override async Task<IGrainStorage> OpenAsync() => (_storage = await SharedStorage.OpenAsync(await SharedStorage.RedisAsync())).State;

    protected override async Task CloseAsync() => await _storage!.DisposeAsync();
}

public sealed class RedisReminderTableConformanceTests : ReminderTableConformance
{
    private readonly List<OpenedStorage> _storages = [];

    protected override async Task<IReminderTable> OpenAsync()
    {
        _storages.Add(await SharedStorage.OpenAsync(await SharedStorage.RedisAsync()));
        return _storages[^1].Reminders;
    }

    protected override async Task<IReminderTable> OpenOtherServiceAsync()
    {
        var other = await OpenAsync();
        await other.StartAsync(TestContext.Current.CancellationToken);
        return other;
    }

    protected override async Task CloseAsync()
    {
        foreach (var storage in _storages) await storage.DisposeAsync();
    }
}

public sealed class RedisMembershipConformanceTests : MembershipConformance
{
    protected override Task<StorageChoice> ChooseAsync() => SharedStorage.RedisAsync();
}

public sealed class RedisManifestStoreConformanceTests : ManifestStoreConformance
{
    private OpenedStorage? _storage;

    protected override async Task<IGrainStorage> OpenAsync()
    {
        _storage = await SharedStorage.OpenAsync(await SharedStorage.RedisAsync());
        return _storage.Backend.Manifests;
    }

    protected override async Task CloseAsync() => await _storage!.DisposeAsync();
}
