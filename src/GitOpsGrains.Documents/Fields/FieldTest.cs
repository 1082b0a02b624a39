using System.Text.RegularExpressions;

namespace GitOpsGrains.Documents.Fields;

/// <summary>What a select or filter asks of a value.</summary>
public abstract record FieldTest
{
    private FieldTest()
    {
    }

    /// <summary>What the steps find is there, and neither null nor false.</summary>
    public sealed record Truth(IReadOnlyList<FieldStep> Steps) : FieldTest;

    /// <param name="Json">The literal in canonical JSON: a string, a number, true, false or null. Null equals what is absent.</param>
    public sealed record Equal(IReadOnlyList<FieldStep> Steps, string Json) : FieldTest;

    /// <summary>A text or a list (Contains) that the steps find has the text in the way that is said; anything else has not.</summary>
    public sealed record Text(IReadOnlyList<FieldStep> Steps, TextRelation Relation, string Value) : FieldTest;

    /// <summary>A text that the steps find matches; the expression runs in linear time.</summary>
    public sealed record Match(IReadOnlyList<FieldStep> Steps, Regex Expression) : FieldTest;

    public sealed record Not(FieldTest Test) : FieldTest;

    public sealed record All(FieldTest Left, FieldTest Right) : FieldTest;

    public sealed record Any(FieldTest Left, FieldTest Right) : FieldTest;
}

public enum TextRelation
{
    StartsWith,
    EndsWith,
    Contains,
    /// <summary>A mapping has the key.</summary>
    HasKey,
}
