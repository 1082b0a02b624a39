using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Sqlite;
using GitOpsGrains.Storage.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Sqlite;

public sealed class SqliteGrainStorageConformanceTests : GrainStorageConformance
{
    private readonly TemporaryDirectory _directory = new();
    private OpenedStorage? _services;

    protected override async Task<IGrainStorage> OpenAsync() => (_services = await EmbeddedServices.OpenAsync(_directory.Path)).State;

    protected override async Task CloseAsync()
    {
        await _services!.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class SqliteReminderTableConformanceTests : ReminderTableConformance
{
    private readonly TemporaryDirectory _directory = new();
    private OpenedStorage? _services;

    protected override async Task<IReminderTable> OpenAsync() =>
        (_services = await EmbeddedServices.OpenAsync(_directory.Path)).Reminders;

    protected override Task<IReminderTable> OpenOtherServiceAsync() => Task.FromResult<IReminderTable>(
        new SqliteReminderTable(_services!.Services.GetRequiredService<EmbeddedStorage>().StateDatabase, "another/service"));

    protected override async Task CloseAsync()
    {
        await _services!.DisposeAsync();
        _directory.Dispose();
    }
}

public sealed class SqliteManifestStoreConformanceTests : ManifestStoreConformance
{
    private readonly TemporaryDirectory _directory = new();
    private OpenedStorage? _services;

    protected override async Task<IGrainStorage> OpenAsync()
    {
        _services = await EmbeddedServices.OpenAsync(_directory.Path);
        return _services.Backend.Manifests;
    }

    protected override async Task CloseAsync()
    {
        await _services!.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>The same over the provider that writes pieces as JSON, as Azure blobs and Redis do.</summary>
public sealed class JsonManifestStoreConformanceTests : ManifestStoreConformance
{
    private readonly TemporaryDirectory _directory = new();
    private OpenedStorage? _services;

    protected override async Task<IGrainStorage> OpenAsync() => (_services = await EmbeddedServices.OpenAsync(_directory.Path)).State;

    protected override async Task CloseAsync()
    {
        await _services!.DisposeAsync();
        _directory.Dispose();
    }
}
