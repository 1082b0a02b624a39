namespace GitOpsGrains.Documents.Fields;

/// <summary>One step of a <see cref="FieldPath"/>. A step that does not fit the value that it comes to finds nothing.</summary>
public abstract record FieldStep
{
    private FieldStep()
    {
    }

    /// <summary>A key of a mapping.</summary>
    public sealed record Name(string Key) : FieldStep;

    /// <summary>An item of a list; below 0 it counts from the end.</summary>
    public sealed record Index(int At) : FieldStep;

    /// <summary>A key of a mapping or an item of a list, whichever it comes to: JSON pointers don't say.</summary>
    public sealed record Segment(string Text) : FieldStep;

    /// <summary>All items of a list and, unless <paramref name="OfListsOnly"/>, all values of a mapping.</summary>
    public sealed record Each(bool OfListsOnly) : FieldStep;

    /// <summary>The value itself, if it passes.</summary>
    public sealed record Where(FieldTest Test) : FieldStep;
}
