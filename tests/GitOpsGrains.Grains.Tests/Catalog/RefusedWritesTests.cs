using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Access;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Tests.Catalog;

/// <summary>What was refused because it could not be stored is refused again until it is.</summary>
public sealed class RefusedWritesTests : IAsyncLifetime
{
    private readonly RefusingStorage _storage = new();
    private IHost _host = null!;

    private IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    [Fact]
    public async Task Put_OfAProjectThatWasNotStored_IsNotUnchangedTheSecondTime()
    {
        var (project, document) = (Grains.GetGrain<IProjectGrain>("team"), new ProjectDocument { Metadata = new DocumentMetadata { Name = "team" } });
        _storage.Refuses = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => project.PutAsync(document));
        await Assert.ThrowsAsync<StorageFailedException>(() => project.PutAsync(document));
        Assert.Null(await project.GetAsync());

        _storage.Refuses = false;
        Assert.Equal(Change.Created, await project.PutAsync(document));
        Assert.Equal(Change.Unchanged, await project.PutAsync(document));
        Assert.Equal(1, _storage.Written);
    }

    [Fact]
    public async Task Add_OfANameThatWasNotStored_IsNotThereTheSecondTime()
    {
        var (catalog, entry) = (Grains.GetGrain<ICatalogGrain>(0), new CatalogEntry(CatalogKind.Project, "team"));
        _storage.Refuses = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => catalog.AddAsync([entry]));
        await Assert.ThrowsAsync<StorageFailedException>(() => catalog.AddAsync([entry]));
        Assert.False(await catalog.HasAsync(entry));

        _storage.Refuses = false;
        await catalog.AddAsync([entry]);
        _storage.Refuses = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => catalog.RemoveAsync([entry]));
        await Assert.ThrowsAsync<StorageFailedException>(() => catalog.RemoveAsync([entry]));
        Assert.True(await catalog.HasAsync(entry));
        Assert.Equal(1, _storage.Written);
    }

    /// <summary>The first write is under way: the others share the next, and who adds what is in memory already waits for it too.</summary>
    [Fact]
    public async Task Add_OfNamesWhileOneIsBeingStored_EndsWhenTheyAreStoredAndSharesAWrite()
    {
        var (catalog, first, second) = (Grains.GetGrain<ICatalogGrain>(0), new CatalogEntry(CatalogKind.Project, "first"), new CatalogEntry(CatalogKind.Project, "second"));
        _storage.Holds = new TaskCompletionSource();
        var adding = new List<Task> { catalog.AddAsync([first]), catalog.AddAsync([first]), catalog.AddAsync([second]), catalog.AddAsync([second]) };
        await Eventually.TrueAsync(() => catalog.HasAsync(second), "the second name in memory");
        Assert.DoesNotContain(adding, task => task.IsCompleted);

        _storage.Holds.SetResult();
        await Task.WhenAll(adding);

        Assert.Equal(2, _storage.Written);
        await catalog.AddAsync([first, second]);
        Assert.Equal(2, _storage.Written);
    }

    [Fact]
    public async Task AllowAdmin_ThatWasNotStored_LeavesThoseOfBeforeAndIsDoneTheSecondTime()
    {
        var access = Grains.GetGrain<IAccessGrain>(0);
        await access.AllowAdminAsync("first", "admin");
        await access.AllowAdminAsync("other", "somebody");
        _storage.Refuses = true;
        await Assert.ThrowsAsync<StorageFailedException>(() => access.AllowAdminAsync("second,third", "admin"));
        Assert.Equal("first other", await KnownAsync());

        _storage.Refuses = false;
        await access.AllowAdminAsync("second,third", "admin");
        Assert.Equal("second third other", await KnownAsync());
        await access.AllowAdminAsync("third,second", "admin");
        Assert.Equal(3, _storage.Written);

        async Task<string> KnownAsync()
        {
            var known = new List<string>();
            foreach (var token in new[] { "first", "second", "third", "other" })
                if (await access.VerifyAsync(token) is not null) known.Add(token);
            return string.Join(' ', known);
        }
    }

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort.Next(), FreePort.Next())
            .ConfigureServices(services => services.AddKeyedSingleton<IGrainStorage>("Default", _storage).AddSingleton<IGrainStorage>(_storage).AddGitOpsGrainsSerialization()));
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class RefusingStorage : IGrainStorage
    {
        public bool Refuses { get; set; }

        public int Written { get; private set; }

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

        /// <summary>Writes end when this does.</summary>
        public TaskCompletionSource? Holds { get; set; }

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (Holds is { } holds) await holds.Task;
            if (Refuses) throw new StorageFailedException("no room", new IOException());
            (Written, grainState.ETag, grainState.RecordExists) = (Written + 1, Guid.NewGuid().ToString(), true);
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState);
    }
}
