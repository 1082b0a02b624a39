using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What is answered about renders, put into words.</summary>
internal sealed class RenderAnswers(TimeProvider time)
{
    private const int MaxFaultsShown = 20;

    public RenderAnswer Faulty(string key, IReadOnlyList<ManifestFault> faults)
    {
        var conditions = faults.Take(MaxFaultsShown).Select(fault => new Condition
        {
            Type = ConditionTypes.RenderFailed,
            Message = fault.Reason,
            Since = time.GetUtcNow(),
            File = fault.File,
            Document = fault.Document,
            Object = fault.Object,
        }).ToList();
        if (faults.Count > MaxFaultsShown)
            conditions.Add(new Condition { Type = ConditionTypes.RenderFailed, Message = $"and {faults.Count - MaxFaultsShown} more faults", Since = time.GetUtcNow() });
        return new RenderAnswer { RenderKey = key, Conditions = conditions };
    }

    public RenderAnswer Failed(string key, string type, string message) => new()
    {
        RenderKey = key,
        Conditions = [new Condition { Type = type, Message = message, Since = time.GetUtcNow() }],
    };

    public RenderAnswer Empty(string key, string path) =>
        Failed(key, ConditionTypes.RenderEmpty, $"no manifest was found at path '{path}'; nothing is applied or pruned");

    public RenderAnswer KindsUnknown() => Failed("", ConditionTypes.ClusterAwaited, "the cluster's kinds changed, or could not be asked for, while its manifests were being rendered") with
    {
        Uses = new ScopeUses { Capabilities = true },
    };

    public static RenderAnswer Awaiting(ScopeUses? uses) => new() { AwaitsCluster = true, Uses = uses ?? new ScopeUses { Capabilities = true } };

    /// <summary>Of sources of which at least one gave nothing.</summary>
    public static RenderAnswer Worst(string key, IReadOnlyList<(RenderPart Part, RenderAnswer Answer)> parts)
    {
        var failed = parts.Where(item => item.Answer.Conditions.Count > 0 && !item.Answer.IsEmpty).ToArray();
        return new RenderAnswer
        {
            RenderKey = key,
            Conditions = [.. failed.SelectMany(item => item.Answer.Conditions.Select(condition => Placed(item.Part, condition))).Take(MaxFaultsShown)],
            IsTransient = failed.Any(item => item.Answer.IsTransient),
            AwaitsCluster = failed.Length == 0,
            Uses = Together(parts.Where(item => item.Answer.AwaitsCluster || item.Answer.Uses is not null)),
        };
    }

    /// <summary>Of sources that all gave something.</summary>
    public RenderAnswer Join(string key, IReadOnlyList<(RenderPart Part, RenderAnswer Answer)> parts, ManifestSet? set, IReadOnlyList<ManifestFault> faults)
    {
        if (set is null) return Faulty(key, faults);
        return new RenderAnswer
        {
            RenderKey = key,
            SetDigest = set.Digest,
            Objects = set.Objects.Count,
            Conditions = [.. parts.SelectMany(item => item.Answer.Conditions.Select(condition => Placed(item.Part, condition)))],
            Uses = Together(parts),
        };
    }

    private static ScopeUses? Together(IEnumerable<(RenderPart Part, RenderAnswer Answer)> parts)
    {
        var uses = parts.Select(item => item.Answer.Uses).ToArray();
        return Array.Exists(uses, use => use is null) ? null : new ScopeUses
        {
            Capabilities = uses.Any(use => use!.Capabilities),
            Variables = [.. uses.SelectMany(use => use!.Variables).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>With the source that it is about.</summary>
    private static Condition Placed(RenderPart part, Condition condition) => condition.File is { } file
        ? condition with { File = part.PositionOf(file) }
        : condition with { Message = $"{part.PositionOf("")}: {condition.Message}" };
}
