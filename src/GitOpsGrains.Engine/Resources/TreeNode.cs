namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// A JSON value that can be changed in place: what manifests are read into, normalised in and written from.
/// A node belongs to one parent; use <see cref="Clone"/> to put it elsewhere.
/// </summary>
public abstract class TreeNode
{
    public abstract TreeNode Clone();

    /// <summary>The text, if this is a string.</summary>
    public string? AsText() => this is TreeScalar { Kind: ScalarKind.Text } scalar ? scalar.Text : null;

    public bool IsNull => this is TreeScalar { Kind: ScalarKind.Null };

    /// <summary>What people call the type of this value.</summary>
    public string TypeName => this switch
    {
        TreeMap => "a mapping",
        TreeList => "a list",
        TreeScalar { Kind: ScalarKind.Text } => "a string",
        TreeScalar { Kind: ScalarKind.Number } => "a number",
        TreeScalar { Kind: ScalarKind.Null } => "null",
        _ => "a boolean",
    };
}

public enum ScalarKind
{
    Null,
    False,
    True,
    /// <summary>The text is the number in canonical form.</summary>
    Number,
    Text,
}

public sealed class TreeScalar : TreeNode
{
    private TreeScalar(ScalarKind kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    public static TreeScalar Null { get; } = new(ScalarKind.Null, "null");
    public static TreeScalar True { get; } = new(ScalarKind.True, "true");
    public static TreeScalar False { get; } = new(ScalarKind.False, "false");

    public ScalarKind Kind { get; }
    public string Text { get; }

    public static TreeScalar Of(string text) => new(ScalarKind.Text, text);

    /// <param name="canonical">As <see cref="JsonNumber"/> writes it.</param>
    public static TreeScalar Number(string canonical) => new(ScalarKind.Number, canonical);

    public override TreeNode Clone() => this;
}

public sealed class TreeList : TreeNode
{
    public List<TreeNode> Items { get; } = [];

    public override TreeNode Clone()
    {
        var copy = new TreeList();
        copy.Items.EnsureCapacity(Items.Count);
        foreach (var item in Items) copy.Items.Add(item.Clone());
        return copy;
    }
}
