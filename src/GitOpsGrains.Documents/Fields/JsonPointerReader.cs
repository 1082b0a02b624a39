namespace GitOpsGrains.Documents.Fields;

internal static class JsonPointerReader
{
    public static List<FieldStep> Read(string text)
    {
        if (text.Length == 0) throw new FieldPathException(0, "names the whole object");
        if (text[0] != '/') throw new FieldPathException(0, "a JSON pointer begins with '/'");
        var steps = new List<FieldStep>();
        var start = 1;
        foreach (var part in text[1..].Split('/'))
        {
            for (var at = part.IndexOf('~', StringComparison.Ordinal); at >= 0; at = part.IndexOf('~', at + 1))
                if (at + 1 == part.Length || part[at + 1] is not ('0' or '1'))
                    throw new FieldPathException(start + at, "'~' is written ~0, and '/' in a key ~1");
            steps.Add(new FieldStep.Segment(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));
            start += part.Length + 1;
        }

        return steps;
    }
}
