namespace GitOpsGrains.Documents.Parsing;

/// <summary>
/// Cuts a stream at its "---" lines, so that a document that can't be read hides no fault of the next. In YAML and in JSON
/// such a line can be nothing else, not even inside a quoted text.
/// </summary>
internal static class StreamChunks
{
    /// <param name="Text">With its "---" line.</param>
    /// <param name="FirstLine">One-based line of its first line in the stream.</param>
    internal readonly record struct Chunk(string Text, int FirstLine);

    public static IEnumerable<Chunk> Of(string text)
    {
        var (start, startLine, line) = (0, 1, 1);
        for (var at = 0; at < text.Length; line++)
        {
            if (at > start && IsMarker(text, at) && !IsDirectives(text.AsSpan(start, at - start)))
            {
                yield return new Chunk(text[start..at], startLine);
                (start, startLine) = (at, line);
            }

            var end = text.IndexOf('\n', at);
            at = end < 0 ? text.Length : end + 1;
        }

        if (start < text.Length) yield return new Chunk(text[start..], startLine);
    }

    /// <summary>The chunk's own text begins with a JSON object; the "---" line before it is left out.</summary>
    public static bool IsJson(Chunk chunk, out int start)
    {
        start = IsMarker(chunk.Text, 0) ? 3 : 0;
        while (start < chunk.Text.Length && char.IsWhiteSpace(chunk.Text[start])) start++;
        return start < chunk.Text.Length && chunk.Text[start] == '{';
    }

    /// <summary>%YAML and %TAG lines belong to the document after them.</summary>
    private static bool IsDirectives(ReadOnlySpan<char> text)
    {
        var any = false;
        foreach (var line in text.EnumerateLines())
        {
            if (line.StartsWith('%')) any = true;
            else if (!line.IsWhiteSpace() && !line.StartsWith('#')) return false;
        }

        return any;
    }

    private static bool IsMarker(string text, int at) =>
        string.CompareOrdinal(text, at, "---", 0, 3) == 0 && (at + 3 == text.Length || text[at + 3] is ' ' or '\t' or '\r' or '\n');
}
