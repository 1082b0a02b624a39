using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Simulation.Tests.Schemas;

/// <summary>A kube-apiserver, for what the simulation must know as that does.</summary>
[CollectionDefinition(Name)]
public sealed class RealServer : ApiServerFixture, ICollectionFixture<RealServer>
{
    public const string Name = "real server";
}
