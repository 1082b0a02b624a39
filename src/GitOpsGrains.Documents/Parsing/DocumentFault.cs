using System.Text;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>Why a document can't be taken. Names fields, never repeats values that may be secret.</summary>
public sealed record DocumentFault
{
    /// <summary>Zero-based index in the stream; null when the fault is of the whole stream.</summary>
    public int? Document { get; init; }

    /// <summary>Kind and name of the document, where they could be read.</summary>
    public string? Kind { get; init; }

    public string? Name { get; init; }

    /// <summary>One-based line in the stream, where it is known.</summary>
    public int? Line { get; init; }

    /// <summary>As in <c>spec.sources[0].path</c>; "" is the document itself.</summary>
    public string Path { get; init; } = "";

    /// <summary>One sentence for people.</summary>
    public string Message { get; init; } = "";

    /// <summary><c>document 1 (Application web), line 12: spec.sync.autmated: unknown field; did you mean automated?</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Document is { } index) text.Append("document ").Append(index);
        if (Kind is not null) text.Append(" (").Append(Kind).Append(Name is null ? "" : " ").Append(Name).Append(')');
        if (Line is { } line) text.Append(text.Length > 0 ? ", " : "").Append("line ").Append(line);
        if (text.Length > 0) text.Append(": ");
        if (Path.Length > 0) text.Append(Path).Append(": ");
        return text.Append(Message).ToString();
    }
}
