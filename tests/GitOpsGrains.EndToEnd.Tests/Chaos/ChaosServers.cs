using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>An API server and a Git server for the tests of a class.</summary>
public sealed class ChaosServers : ServersFixture
{
    public new GitServer Git => base.Git;
}
