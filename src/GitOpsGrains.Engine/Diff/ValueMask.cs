using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// Hides values that nobody may read: data and stringData of Secrets, and annotations that a setting names. A value that
/// changes can be told from one that stays; neither length nor content can.
/// </summary>
public sealed class ValueMask
{
    public const string Hidden = "***";
    public const string Changed = "*** (changed)";

    private static readonly string[] DataFields = ["data", "stringData"];

    private readonly bool _isSecret;
    private readonly IReadOnlyCollection<string> _annotations;

    private ValueMask(bool isSecret, IReadOnlyCollection<string> annotations) => (_isSecret, _annotations) = (isSecret, annotations);

    /// <param name="annotations">Names of annotations whose values are hidden, of objects of any kind.</param>
    public static ValueMask For(ResourceId id, IReadOnlyCollection<string>? annotations = null) => new(id is { Group: "", Kind: "Secret" }, annotations ?? []);

    /// <summary>A value as people may see it, as JSON; null for none.</summary>
    /// <param name="path">A JSON pointer.</param>
    /// <param name="changed">It is the newer one of two values that differ.</param>
    public string? Show(string path, TreeNode? node, bool changed)
    {
        if (node is null) return null;
        if (HidesAll(path)) return changed ? Changed : Hidden;
        if (!MayHold(path)) return Encoding.UTF8.GetString(CanonicalJson.Write(node));
        var root = new TreeMap();
        if (path.Length == 0) root = node.Clone() as TreeMap ?? root;
        else if (path == "/metadata") root.Set("metadata", node.Clone());
        else root.GetOrAddMap("metadata").Set("annotations", node.Clone());
        Hide(root, null);
        TreeNode shown = path.Length == 0 ? root : path == "/metadata" ? root["metadata"]! : root.Map("metadata")!["annotations"]!;
        return Encoding.UTF8.GetString(CanonicalJson.Write(shown));
    }

    /// <summary>Hides the values of both sides; the newer of two that differ says so. Both trees are changed; either may be null.</summary>
    public void Hide(TreeMap? from, TreeMap? to)
    {
        if (_isSecret)
            foreach (var field in DataFields)
                HideMembers(from, to, field);
        if (_annotations.Count > 0)
            HideNames(from?.Map("metadata")?.Map("annotations"), to?.Map("metadata")?.Map("annotations"), _annotations);
    }

    private bool HidesAll(string path) =>
        (_isSecret && DataFields.Any(field => path == "/" + field || path.StartsWith($"/{field}/", StringComparison.Ordinal)))
        || _annotations.Any(name => path == "/metadata/annotations/" + JsonPointers.Escape(name));

    private bool MayHold(string path) =>
        (_isSecret && path.Length == 0) || (_annotations.Count > 0 && path is "" or "/metadata" or "/metadata/annotations");

    private static void HideMembers(TreeMap? from, TreeMap? to, string field)
    {
        foreach (var side in (ReadOnlySpan<TreeMap?>)[from, to])
            if (side?[field] is { IsNull: false } and not TreeMap)
                side.Set(field, TreeScalar.Of(Hidden));
        var (old, now) = (from?.Map(field), to?.Map(field));
        HideNames(old, now, [.. (old?.Entries ?? []).Concat(now?.Entries ?? []).Select(entry => entry.Key).Distinct(StringComparer.Ordinal)]);
    }

    private static void HideNames(TreeMap? from, TreeMap? to, IReadOnlyCollection<string> names)
    {
        foreach (var name in names)
        {
            var (old, now) = (from?[name], to?[name]);
            var differs = old is not null && now is not null && !CanonicalJson.Write(old).AsSpan().SequenceEqual(CanonicalJson.Write(now));
            if (old is not null) from!.Set(name, TreeScalar.Of(Hidden));
            if (now is not null) to!.Set(name, TreeScalar.Of(differs ? Changed : Hidden));
        }
    }
}
