using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>An API server and a Git server for the tests of a class.</summary>
public sealed class ChaosServers : ServersFixture
{
    public new GitServer Git => base.Git;

    /// <summary>Objects that a silo has synced, and whose writes are watched.</summary>
    internal async Task<CountedObjects> NewObjectsAsync(SiloProcess silo, int many)
    {
        var space = await NewNamespaceAsync("chaos");
        var objects = new CountedObjects(Server.Client, await Git.CreateRepositoryAsync(space), space, many);
        await silo.Api.ApplyAsync(Manifests.Cluster(Server));
        await objects.RegisterAsync(silo.Api);
        await objects.WatchAsync();
        await objects.PublishAsync();
        await silo.Api.SyncedAfterRefreshAsync(objects.Application, await objects.Work.HeadAsync(), TimeSpan.FromSeconds(60));
        return objects;
    }
}
