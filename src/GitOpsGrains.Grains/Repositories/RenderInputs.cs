using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>All that the render of an application's sources depends on.</summary>
/// <param name="KindsOf">Asks a cluster for its kinds; asked only where they matter.</param>
public sealed record RenderInputs(IReadOnlyList<RenderPart> Parts, RenderScope Scope, Func<string, Task<ClusterKinds>> KindsOf)
{
    /// <summary>The sources of which something is rendered.</summary>
    public IReadOnlyList<RenderPart> Rendered => [.. Parts.Where(part => part.Source.IsRendered)];

    /// <summary>Without anything that differs from cluster to cluster.</summary>
    public RenderRequest At(RenderPart part) => new(part.Repository, part.Commit, part.Source, RenderLimits.Default)
    {
        Context = new RenderContext
        {
            Application = Scope.Application,
            Namespace = Scope.Namespace,
            References = Parts.Where(other => other.Source.Name.Length > 0)
                .ToDictionary(other => other.Source.Name, other => new ReferencedSource(other.Repository, other.Commit), StringComparer.Ordinal),
            Permissions = new RenderPermissions { RemoteBases = part.Allowed.RemoteBases, ChartDependencies = part.Allowed.ChartDependencies },
        },
    };
}

/// <summary>One source at a commit that is in the mirror, and what its repository's document says.</summary>
public sealed record RenderPart(RepositoryAccess Repository, RenderingSpec Allowed, SourceSpec Source, string Commit)
{
    /// <summary>Where its objects stand, as people read it, when there are other sources too.</summary>
    public string PositionOf(string file)
    {
        var (path, label) = (ChangedPaths.Normal(Source.Path), Source.Name.Length > 0 ? Source.Name : Source.Repository);
        return $"{label}:{string.Join('/', new[] { path, file == "." ? "" : file }.Where(part => part.Length > 0))}";
    }
}
