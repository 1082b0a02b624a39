using System.Text.Json;
using System.Text.Json.Nodes;
using DiffPlex;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Text">Ends with a line end; "" when both sides are the same.</param>
/// <param name="IsCut">The text was too long and ends early.</param>
public sealed record UnifiedText(string Text, bool IsCut);

/// <summary>Two sides of an object as YAML in unified format, three lines of context. Values of Secrets are masked.</summary>
public static class UnifiedDiff
{
    /// <summary>Characters of one text.</summary>
    public const int MaxText = 64 * 1024;

    private const int Context = 3;

    /// <summary>Lines of one side that are compared; comparing may take the square of it.</summary>
    private const int MaxLines = 4000;

    /// <summary>What a write would change. <paramref name="wanted"/>: what a dry run answered.</summary>
    public static UnifiedText OfUpdate(JsonElement wanted, LiveObject live, ObjectIgnores? ignores, ValueMask mask)
    {
        var (from, to) = ObjectDiff.Sides(wanted, live, ignores);
        mask.Hide(from, to);
        return Of(live.Id, Yaml(from), Yaml(to));
    }

    /// <param name="wanted">What a dry run answered, or the manifest where there can be none yet.</param>
    public static UnifiedText OfCreate(ResourceId id, JsonElement wanted, ValueMask mask)
    {
        var to = ObjectTree.Normalised(wanted);
        mask.Hide(null, to);
        return Of(id, "", Yaml(to));
    }

    public static UnifiedText OfDelete(LiveObject live, ValueMask mask)
    {
        var from = ObjectTree.Normalised(live.Root);
        mask.Hide(from, null);
        return Of(live.Id, Yaml(from), "");
    }

    private static string Yaml(TreeMap tree) => DocumentYaml.Write(JsonObject.Create(TrustedJson.Parse(CanonicalJson.Write(tree))));

    internal static UnifiedText Of(ResourceId id, string from, string to)
    {
        if (from == to) return new UnifiedText("", IsCut: false);
        var (old, now, isCut) = (Lines(from), Lines(to), false);
        if (old.Length > MaxLines) (old, isCut) = (old[..MaxLines], true);
        if (now.Length > MaxLines) (now, isCut) = (now[..MaxLines], true);
        var blocks = Differ.Instance.CreateLineDiffs(string.Join('\n', old), string.Join('\n', now), ignoreWhitespace: false, ignoreCase: false).DiffBlocks
            .Select(block => new Block(block.DeleteStartA, block.DeleteCountA, block.InsertStartB, block.InsertCountB)).ToArray();
        // A text of no lines counts as one empty line in the library.
        if (old.Length == 0) blocks = [new Block(0, 0, 0, now.Length)];
        if (now.Length == 0) blocks = [new Block(0, old.Length, 0, 0)];
        var text = new System.Text.StringBuilder();
        text.Append("--- ").Append(old.Length == 0 ? "absent" : "live").Append(": ").Append(id.Display).Append('\n');
        text.Append("+++ ").Append(now.Length == 0 ? "absent" : "wanted").Append(": ").Append(id.Display).Append('\n');
        foreach (var hunk in Hunks(blocks))
        {
            if (text.Length > MaxText) return new UnifiedText(text.ToString(), IsCut: true);
            isCut |= !Write(text, hunk, old, now);
        }
        return new UnifiedText(text.ToString(), isCut);
    }

    private sealed record Block(int From, int Removed, int To, int Added);

    /// <summary>Blocks whose lines of context meet are one hunk.</summary>
    private static List<List<Block>> Hunks(IReadOnlyList<Block> blocks)
    {
        var hunks = new List<List<Block>>();
        foreach (var block in blocks)
        {
            if (hunks.Count > 0 && hunks[^1][^1] is var last && block.From - (last.From + last.Removed) <= 2 * Context) hunks[^1].Add(block);
            else hunks.Add([block]);
        }
        return hunks;
    }

    /// <summary>False when it was cut.</summary>
    private static bool Write(System.Text.StringBuilder text, List<Block> hunk, string[] old, string[] now)
    {
        var (first, last) = (hunk[0], hunk[^1]);
        var before = Math.Min(Context, first.From);
        var after = Math.Min(Context, old.Length - (last.From + last.Removed));
        var (start, startNow) = (first.From - before, first.To - before);
        var (count, countNow) = (last.From + last.Removed + after - start, last.To + last.Added + after - startNow);
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"@@ -{Range(start, count)} +{Range(startNow, countNow)} @@\n");
        var at = start;
        foreach (var block in hunk)
        {
            for (; at < block.From; at++) Line(text, ' ', old[at]);
            for (; at < block.From + block.Removed; at++)
                if (!Line(text, '-', old[at])) return false;
            for (var i = 0; i < block.Added; i++)
                if (!Line(text, '+', now[block.To + i])) return false;
        }
        for (var end = at + after; at < end; at++) Line(text, ' ', old[at]);
        return true;
    }

    private static bool Line(System.Text.StringBuilder text, char sign, string line)
    {
        if (text.Length + line.Length > MaxText) return false;
        text.Append(sign).Append(line).Append('\n');
        return true;
    }

    /// <summary>Lines count from 1; an empty range is that after line 0.</summary>
    private static string Range(int start, int count) => count switch
    {
        0 => $"{start},0",
        1 => $"{start + 1}",
        _ => $"{start + 1},{count}",
    };

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');
}
