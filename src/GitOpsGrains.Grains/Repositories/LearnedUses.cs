using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>
/// What renders were found to depend on of what differs from cluster to cluster. It is the same for the same files and options,
/// so that clusters that differ in other things share a render.
/// </summary>
internal sealed class LearnedUses
{
    private const int MaxKnown = 4096;

    private readonly BoundedMap<bool> _asks = new(MaxKnown);
    private readonly BoundedMap<IReadOnlySet<string>> _names = new(MaxKnown);
    private readonly BoundedMap<Task> _learning = new(MaxKnown);

    /// <summary>Whether a cluster's version and kinds matter; null when nobody knows yet.</summary>
    /// <param name="plain">The key of the render without anything of a cluster, as in all methods here.</param>
    public bool? AsksCluster(RenderKey plain) => !plain.MayAskCluster ? false : _asks.TryGet(plain.Value, out var asks) ? asks : null;

    /// <summary>The key of the render for a scope: with as much of the scope as matters, all of it while that is not known.</summary>
    public string KeyOf(RenderKey plain, SourceSpec source, RenderScope scope)
    {
        var basis = BasisOf(plain, scope);
        if (!Substitutes(source)) return basis;
        var names = _names.TryGet(basis, out var known) ? known : null;
        var values = scope.Variables.Where(variable => names?.Contains(variable.Key) != false && !source.Substitute!.Variables.ContainsKey(variable.Key))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => new[] { variable.Key, variable.Value }).ToArray();
        return values.Length == 0 ? basis : Digest.Of($"{basis} {JsonSerializer.Serialize(values)}").ToString();
    }

    /// <summary>Null when it is not known.</summary>
    public ScopeUses? Of(RenderKey plain, SourceSpec source, RenderScope scope)
    {
        if (AsksCluster(plain) is not { } asks) return null;
        if (!Substitutes(source)) return new ScopeUses { Capabilities = asks };
        return _names.TryGet(BasisOf(plain, scope), out var names)
            ? new ScopeUses { Capabilities = asks, Variables = NamesFrom(source, names) }
            : null;
    }

    /// <summary>What a fault may depend on, as far as it was met: with other values there may be none.</summary>
    public ScopeUses OfFault(RenderKey plain, SourceSpec source, RenderResult result) => new()
    {
        Capabilities = result.AsksCluster ?? AsksCluster(plain) ?? false,
        Variables = !Substitutes(source) || result.Variables is not { } met ? [] : NamesFrom(source, met),
    };

    /// <summary>The render under way that will tell.</summary>
    public Task? Learning(RenderKey plain) => _learning.TryGet(plain.Value, out var running) && !running.IsCompleted ? running : null;

    public void Begin(RenderKey plain, SourceSpec source, RenderScope scope, Task render)
    {
        if (Of(plain, source, scope) is null) _learning.Set(plain.Value, render);
    }

    public void Learn(RenderKey plain, SourceSpec source, RenderScope scope, RenderResult result)
    {
        if (result.AsksCluster is { } asks) _asks.Set(plain.Value, asks);
        // With faults not everything was read.
        if (result is { Set: not null, Variables: { } names } && Substitutes(source)) _names.Set(BasisOf(plain, scope), names);
    }

    public void LearnAsksNothing(RenderKey plain)
    {
        if (plain.MayAskCluster) _asks.Set(plain.Value, false);
    }

    /// <summary>Those that the source does not give itself.</summary>
    private static string[] NamesFrom(SourceSpec source, IEnumerable<string> names) =>
        [.. names.Where(name => !source.Substitute!.Variables.ContainsKey(name)).Order(StringComparer.Ordinal)];

    private static bool Substitutes(SourceSpec source) => source.Substitute is { Enabled: true };

    /// <summary>What a chart prints before variables are put in may differ with the cluster.</summary>
    private string BasisOf(RenderKey plain, RenderScope scope) =>
        AsksCluster(plain) == false ? plain.Value : Digest.Of($"{plain.Value} {scope.KubeVersion} {scope.Kinds}").ToString();
}
