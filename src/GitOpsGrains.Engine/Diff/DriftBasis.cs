using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>What counts as drift of an object, by the way that it is written.</summary>
public static class DriftBasis
{
    /// <summary>
    /// The differences between the live object and what a dry run of its own kind of write answered. Of an apply every
    /// difference is drift. An update also shows what controllers set and the manifest does not name: of a replaced object only
    /// what the manifest names counts. None where the policy compares nothing.
    /// </summary>
    public static IReadOnlyList<FieldDifference> Differences(
        DesiredObject desired, JsonElement dryRun, LiveObject live, ApplyPolicy policy, ObjectIgnores? ignores = null, ValueMask? mask = null)
    {
        if (!policy.IsCompared) return [];
        return policy.IsApplied
            ? ObjectDiff.Compute(dryRun, live, DiffScope.AllFields, ignores, mask)
            : ObjectDiff.Compute(TrustedJson.Parse(CanonicalJson.Write(Named(Tree(dryRun), Tree(desired.Json())))), live, DiffScope.WantedFields, ignores, mask);
    }

    private static TreeNode Tree(JsonElement json)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(4096);
        CanonicalJson.Write(json, output);
        return JsonTreeReader.ReadTrusted(output.WrittenSpan);
    }

    /// <summary>The part of an answer that a manifest names, in the form that the server writes it.</summary>
    private static TreeNode Named(TreeNode answer, TreeNode manifest)
    {
        if (answer is TreeMap map && manifest is TreeMap wanted)
        {
            map.RemoveAll(entry => wanted[entry.Key] is null);
            foreach (var (key, value) in map.Entries.ToArray()) map.Set(key, Named(value, wanted[key]!));
        }
        else if (answer is TreeList list && manifest is TreeList items && list.Items.Count == items.Items.Count)
        {
            for (var i = 0; i < items.Items.Count; i++) list.Items[i] = Named(list.Items[i], items.Items[i]);
        }
        return answer;
    }
}
