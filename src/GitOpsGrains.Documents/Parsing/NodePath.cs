using System.Globalization;
using System.Text;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>Where a node is in its document; text is made only when a fault is told.</summary>
internal sealed class NodePath
{
    private const int MaxShown = 64;
    private readonly NodePath? _parent;
    private readonly string? _key;
    private readonly int _index;

    private NodePath(NodePath? parent, string? key, int index) => (_parent, _key, _index) = (parent, key, index);

    public static NodePath Root { get; } = new(null, null, 0);

    public NodePath Key(string key) => new(this, key, 0);

    public NodePath Item(int index) => new(this, null, index);

    /// <summary>A name from outside, cut and without control characters.</summary>
    public static string Shown(string text)
    {
        var cut = text.Length > MaxShown ? text[..MaxShown] + "…" : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < source.Length; i++) span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
        });
    }

    public override string ToString()
    {
        var steps = new Stack<NodePath>();
        for (var step = this; step._parent is not null; step = step._parent) steps.Push(step);
        var text = new StringBuilder();
        foreach (var step in steps)
        {
            if (step._key is null) text.Append(CultureInfo.InvariantCulture, $"[{step._index}]");
            else if (step._key.AsSpan().ContainsAny('.', '/', ' ')) text.Append(CultureInfo.InvariantCulture, $"['{Shown(step._key)}']");
            else text.Append(text.Length > 0 ? "." : "").Append(Shown(step._key));
        }

        return text.ToString();
    }
}
