using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Tests.Conformance;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Azure;

public sealed class AzureGrainStorageConformanceTests : GrainStorageConformance
{
    private OpenedStorage? _storage;

    protected override bool TellsBackslashes => false;

    protected override async Task<IGrainStorage> OpenAsync() => (_storage = await SharedStorage.OpenAsync(await SharedStorage.AzureAsync())).State;

    protected override async Task CloseAsync() => await _storage!.DisposeAsync();
}

public sealed class AzureReminderTableConformanceTests : ReminderTableConformance
{
    private readonly List<OpenedStorage> _storages = [];

    protected override async Task<IReminderTable> OpenAsync()
    {
        _storages.Add(await SharedStorage.OpenAsync(await SharedStorage.AzureAsync()));
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

public sealed class AzureMembershipConformanceTests : MembershipConformance
{
    protected override Task<StorageChoice> ChooseAsync() => SharedStorage.AzureAsync();
}

public sealed class AzureManifestStoreConformanceTests : ManifestStoreConformance
{
    private OpenedStorage? _storage;

    protected override async Task<IGrainStorage> OpenAsync()
    {
        _storage = await SharedStorage.OpenAsync(await SharedStorage.AzureAsync());
        return _storage.Backend.Manifests;
    }

    protected override async Task CloseAsync() => await _storage!.DisposeAsync();
}
