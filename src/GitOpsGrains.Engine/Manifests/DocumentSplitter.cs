namespace GitOpsGrains.Engine.Manifests;

/// <param name="Start">Offset in the file's text.</param>
/// <param name="Line">Zero-based line of <paramref name="Start"/>.</param>
/// <param name="Index">Zero-based index of the document.</param>
internal readonly record struct DocumentSlice(int Start, int Length, int Line, int Index);

/// <summary>
/// Cuts a stream at its document markers, so that a broken document does not hide the faults of the others.
/// The markers (<c>---</c> and <c>...</c> at the start of a line) can't occur inside any YAML or JSON value.
/// </summary>
internal static class DocumentSplitter
{
    public static IEnumerable<DocumentSlice> Split(string text)
    {
        int start = 0, startLine = 0, index = 0, line = 0, at = 0;
        bool marked = false, content = false, directive = false;
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at);
            var next = end < 0 ? text.Length : end + 1;
            var kind = KindOf(text.AsSpan(at, next - at));
            if (kind == LineKind.Start && (marked || content || !directive))
            {
                if (marked || content) yield return new DocumentSlice(start, at - start, startLine, index++);
                (start, startLine, content, directive) = (at, line, false, false);
            }

            if (kind == LineKind.Start) marked = true;
            if (kind == LineKind.Content) content = true;
            if (kind == LineKind.Directive)
            {
                // A directive line inside a document is content (a plain scalar may hold '%').
                if (marked || content) content = true;
                else directive = true;
            }

            if (kind == LineKind.End)
            {
                if (marked || content) yield return new DocumentSlice(start, next - start, startLine, index++);
                (start, startLine, marked, content, directive) = (next, line + 1, false, false, false);
            }

            at = next;
            line++;
        }

        // Directives without a document are broken YAML: the parser is to say so.
        if (marked || content || directive) yield return new DocumentSlice(start, text.Length - start, startLine, index);
    }

    private enum LineKind
    {
        Blank,
        Content,
        Directive,
        Start,
        End,
    }

    private static LineKind KindOf(ReadOnlySpan<char> line)
    {
        if (IsMarker(line, '-')) return LineKind.Start;
        if (IsMarker(line, '.')) return LineKind.End;
        if (line[0] == '%') return LineKind.Directive;
        var first = line.IndexOfAnyExcept(" \t\r\n");
        return first < 0 || line[first] == '#' ? LineKind.Blank : LineKind.Content;
    }

    private static bool IsMarker(ReadOnlySpan<char> line, char mark) =>
        line.Length >= 3 && line[0] == mark && line[1] == mark && line[2] == mark
        && (line.Length == 3 || line[3] is ' ' or '\t' or '\r' or '\n');
}
