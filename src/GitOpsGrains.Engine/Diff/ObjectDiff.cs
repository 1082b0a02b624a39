using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Path">A JSON pointer; indices are those of the wanted list, of the live one for items to be removed.</param>
/// <param name="From">The live value as JSON, null where it is absent; masked for data of Secrets.</param>
/// <param name="To">The wanted value as JSON, null where it is to be absent; masked for data of Secrets.</param>
public sealed record FieldDifference(string Path, string? From, string? To);

public enum DiffScope
{
    /// <summary>Both sides are whole objects of one server: every field counts.</summary>
    AllFields,
    /// <summary>The wanted side is a manifest: only what it names counts.</summary>
    WantedFields,
}

/// <summary>What differs between an object as it is wanted and as it is, without what servers change by themselves.</summary>
public static class ObjectDiff
{
    /// <param name="wanted">A dry run's answer (AllFields) or a manifest (WantedFields).</param>
    /// <param name="ignores">Null: nothing is ignored.</param>
    public static IReadOnlyList<FieldDifference> Compute(
        JsonElement wanted, LiveObject live, DiffScope scope, ObjectIgnores? ignores = null, ValueMask? mask = null)
    {
        var (from, to) = Sides(wanted, live, ignores);
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            from.Remove(name);
            to.Remove(name);
        }
        var comparison = new Comparison(scope, mask ?? ValueMask.For(live.Id));
        comparison.Compare("", from, to);
        return comparison.Differences;
    }

    /// <summary>Both sides as they are compared and shown: normalised, without what is ignored; values are not masked.</summary>
    internal static (TreeMap From, TreeMap To) Sides(JsonElement wanted, LiveObject live, ObjectIgnores? ignores)
    {
        var (from, to) = (ObjectTree.Normalised(live.Root), ObjectTree.Normalised(wanted));
        ignores?.Strip(to, from, live);
        return (from, to);
    }

    private sealed class Comparison(DiffScope scope, ValueMask mask)
    {
        public List<FieldDifference> Differences { get; } = [];

        public void Compare(string path, TreeNode? from, TreeNode? to)
        {
            if (to is null && scope == DiffScope.WantedFields) return;
            if (from is TreeMap fromMap && to is TreeMap toMap) CompareMaps(path, fromMap, toMap);
            else if (from is TreeList fromList && to is TreeList toList) CompareLists(path, fromList, toList);
            else if (!AreEqual(from, to)) Add(path, from, to);
        }

        private void CompareMaps(string path, TreeMap from, TreeMap to)
        {
            foreach (var key in from.Entries.Select(entry => entry.Key).Union(to.Entries.Select(entry => entry.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal))
                Compare($"{path}/{JsonPointers.Escape(key)}", from[key], to[key]);
        }

        private void CompareLists(string path, TreeList from, TreeList to)
        {
            if (NamesOf(from) is { } fromNames && NamesOf(to) is { } toNames)
            {
                for (var i = 0; i < to.Items.Count; i++)
                    Compare($"{path}/{i}", fromNames.GetValueOrDefault(((TreeMap)to.Items[i]).Text("name")!), to.Items[i]);
                for (var i = 0; i < from.Items.Count; i++)
                    if (!toNames.ContainsKey(((TreeMap)from.Items[i]).Text("name")!))
                        Compare($"{path}/{i}", from.Items[i], null);
                var (before, after) = (Order(from, toNames), Order(to, fromNames));
                if (scope == DiffScope.AllFields && before != after) Differences.Add(new FieldDifference(path, before, after));
            }
            else if (from.Items.Count == to.Items.Count)
            {
                for (var i = 0; i < to.Items.Count; i++) Compare($"{path}/{i}", from.Items[i], to.Items[i]);
            }
            else
            {
                Add(path, from, to);
            }
        }

        /// <summary>Null unless every item is a mapping with a name of its own.</summary>
        private static Dictionary<string, TreeNode>? NamesOf(TreeList list)
        {
            var names = new Dictionary<string, TreeNode>(StringComparer.Ordinal);
            foreach (var item in list.Items)
                if ((item as TreeMap)?.Text("name") is not { } name || !names.TryAdd(name, item))
                    return null;
            return names;
        }

        /// <summary>The names of the items that both lists have, in this list's order, as JSON.</summary>
        private static string Order(TreeList list, Dictionary<string, TreeNode> both)
        {
            var order = new TreeList();
            order.Items.AddRange(list.Items.Select(item => ((TreeMap)item)["name"]!).Where(name => both.ContainsKey(name.AsText()!)));
            return Encoding.UTF8.GetString(CanonicalJson.Write(order));
        }

        private void Add(string path, TreeNode? from, TreeNode? to) =>
            Differences.Add(new FieldDifference(path, mask.Show(path, from, changed: false), mask.Show(path, to, changed: from is not null)));

        private static bool AreEqual(TreeNode? from, TreeNode? to) =>
            from is null || to is null ? ReferenceEquals(from, to) : CanonicalJson.Write(from).AsSpan().SequenceEqual(CanonicalJson.Write(to));
    }
}
