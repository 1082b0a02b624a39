using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>All that a render depends on, but for the commit.</summary>
public sealed record RenderInputs(RepositoryAccess Repository, SourceSpec Source, RenderScope Scope, RenderingSpec Allowed)
{
    public RenderRequest At(string commit) => new(Repository, commit, Source, RenderLimits.Default)
    {
        Context = new RenderContext
        {
            Application = Scope.Application,
            Namespace = Scope.Namespace,
            Capabilities = new ClusterCapabilities(Scope.KubeVersion, Scope.ApiVersions),
            Variables = Scope.Variables,
            Permissions = new RenderPermissions { RemoteBases = Allowed.RemoteBases, ChartDependencies = Allowed.ChartDependencies },
        },
    };
}
