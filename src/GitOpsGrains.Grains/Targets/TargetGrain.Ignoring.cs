using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>The fields that the application leaves to others, and what becomes of proofs when that changes.</summary>
public sealed partial class TargetGrain
{
    private const string RespectIgnoreDifferences = "RespectIgnoreDifferences";

    private IReadOnlyList<IgnoreDifference>? _ignoresFrom;
    private IgnoreRules _ignores = IgnoreRules.None;

    private ObjectIgnores IgnoresOf(ResourceId id)
    {
        var said = _state.State.Desired?.IgnoreDifferences ?? [];
        if (!ReferenceEquals(said, _ignoresFrom)) (_ignores, _ignoresFrom) = (IgnoreRules.Of(said), said);
        return _ignores.For(id);
    }

    /// <summary>What a proof of the object depends on besides manifest and cluster.</summary>
    private string ProofRules(ResourceId id)
    {
        var policy = _state.State.Desired?.Sync.ForeignFields ?? ForeignFieldPolicies.Keep;
        return policy == ForeignFieldPolicies.Keep ? IgnoresOf(id).Key : $"{policy} {IgnoresOf(id).Key}";
    }

    /// <summary>Objects that were proven under other rules are looked at anew.</summary>
    private void DropOutdatedProofs()
    {
        var outdated = _inventory.Entries.Values.Where(entry => entry.Proof is { } proof && proof.Rules != ProofRules(entry.Id)).ToArray();
        foreach (var entry in outdated)
        {
            _inventory.Set(entry with { Proof = null });
            (Track(entry.Id).CheckedAt, Track(entry.Id).Checks) = (null, CheckHistory.None);
        }
        if (outdated.Length > 0) FlushSoon();
    }

    /// <summary>
    /// Heals leave ignored fields as they are; a sync writes what Git says of them, unless the option respects them. Null:
    /// the manifest is written as it is.
    /// </summary>
    private Func<LiveObject, DesiredObject, ReadOnlyMemory<byte>?>? AdjustmentOf(DesiredObject desired)
    {
        var ignores = IgnoresOf(desired.Id);
        if (ignores.IsEmpty) return null;
        if (!Track(desired.Id).IsHealing && !Options.IsSet(RespectIgnoreDifferences, desired.Annotations)) return null;
        return (live, manifest) => ignores.Respect(manifest.Body, live);
    }

    private ValueMask MaskOf(ResourceId id) => ValueMask.For(id, [.. _options.Value.MaskedAnnotations]);
}
