using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>An API server and a Git server, for a test class that starts silos by itself.</summary>
public abstract class ServersFixture : ApiServerFixture
{
    protected GitServer Git { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Git = await GitServer.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Git.DisposeAsync();
        await base.DisposeAsync();
    }
}
