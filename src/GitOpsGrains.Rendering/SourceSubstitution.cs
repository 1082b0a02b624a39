using System.Text.Json;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering;

/// <summary>The substitution that a source asks for. Pure.</summary>
/// <param name="Substitution">Null when it asks for none.</param>
/// <param name="Inputs">All that it depends on, for keys; "" when there is none.</param>
internal sealed record SourceSubstitution(Substitution? Substitution, string Inputs)
{
    private static readonly SourceSubstitution None = new(null, "");

    public static SourceSubstitution Of(RenderRequest request)
    {
        if (request.Source.Substitute is not { Enabled: true } spec) return None;
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Context.Variables) variables[name] = value;
        foreach (var (name, value) in spec.Variables) variables[name] = value;
        return new SourceSubstitution(new Substitution(variables), JsonSerializer.Serialize(variables));
    }
}
