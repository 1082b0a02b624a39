using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Applications;

/// <summary>What an application's document tells its renders.</summary>
internal static class RenderScopes
{
    public static RenderScope Of(ApplicationDocument document) => new()
    {
        Application = document.Metadata.Name,
        Namespace = document.Spec.Destination.Namespace,
        Variables = document.Metadata.Labels.Where(label => VariableName.Is(label.Key)).ToDictionary(StringComparer.Ordinal),
    };
}
