using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GitOpsGrains.Documents.Fields;

/// <summary>Walks over the text of a path: words, quoted texts, numbers, and faults with their position.</summary>
internal sealed class PathScanner(string text)
{
    /// <summary>Parentheses, brackets and negations within each other.</summary>
    private const int MaxDepth = 16;

    private int _depth;

    public int At { get; private set; }

    public bool IsAtEnd => At >= text.Length;

    public char Current => At < text.Length ? text[At] : '\0';

    public char Next => At + 1 < text.Length ? text[At + 1] : '\0';

    public FieldPathException Fault(string message) => new(At, message);

    public FieldPathException Unexpected() => Fault(IsAtEnd ? "the expression ends too early" : $"'{Shown(Current)}' is not expected here");

    public void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\r' or '\n') At++;
    }

    public bool TryTake(string token)
    {
        SkipSpace();
        if (string.CompareOrdinal(text, At, token, 0, token.Length) != 0) return false;
        At += token.Length;
        return true;
    }

    /// <summary>As <see cref="TryTake"/>, for a word that must not go on.</summary>
    public bool TryTakeWord(string word)
    {
        SkipSpace();
        if (string.CompareOrdinal(text, At, word, 0, word.Length) != 0) return false;
        if (At + word.Length < text.Length && IsWordPart(text[At + word.Length])) return false;
        At += word.Length;
        return true;
    }

    public void Take(string token)
    {
        if (!TryTake(token)) throw IsAtEnd ? Fault($"'{token}' is missing") : Fault($"expected '{token}', not '{Shown(Current)}'");
    }

    public bool IsAtWord => char.IsAsciiLetter(Current) || Current == '_';

    public string TakeWord()
    {
        var start = At;
        while (IsWordPart(Current)) At++;
        return text[start..At];
    }

    public int TakeInteger()
    {
        var start = At;
        if (Current == '-') At++;
        while (char.IsAsciiDigit(Current)) At++;
        if (int.TryParse(text.AsSpan(start, At - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) return value;
        At = start;
        throw Fault("expected a number");
    }

    /// <summary>A JSON number, true, false or null, in canonical form; null if there is none here.</summary>
    public string? TryTakeScalar()
    {
        foreach (var word in (ReadOnlySpan<string>)["true", "false", "null"])
            if (TryTakeWord(word))
                return word;
        if (Current != '-' && !char.IsAsciiDigit(Current)) return null;
        var start = At++;
        while (char.IsAsciiDigit(Current) || Current is '.' or 'e' or 'E' or '+' or '-') At++;
        return Json(text[start..At], start) is { } node && node.GetValueKind() == JsonValueKind.Number ? node.ToJsonString() : throw new FieldPathException(start, "not a number");
    }

    /// <summary>A text in double quotes with the escapes of JSON.</summary>
    public string TakeQuoted()
    {
        var start = At++;
        while (!IsAtEnd && Current != '"')
        {
            if (Current == '\\' && Next == '(') throw Fault("texts with values in them are not supported");
            At += Current == '\\' ? 2 : 1;
        }

        if (IsAtEnd) throw new FieldPathException(start, "the quote is not closed");
        At++;
        return Json(text[start..At], start)!.GetValue<string>();
    }

    /// <summary>Between two marks; a backslash before the mark or itself takes its meaning away.</summary>
    public string TakeMarked(char mark)
    {
        var start = At++;
        var value = new System.Text.StringBuilder();
        for (; !IsAtEnd && Current != mark; At++)
        {
            if (Current == '\\' && (Next == mark || (Next == '\\' && mark == '\''))) At++;
            value.Append(Current);
        }

        if (IsAtEnd) throw new FieldPathException(start, $"the {mark} is not closed");
        At++;
        return value.ToString();
    }

    /// <summary>Errors: a fault when it is nested too deep.</summary>
    public T Nested<T>(Func<T> read)
    {
        if (++_depth > MaxDepth) throw Fault($"more than {MaxDepth} parentheses within each other");
        var value = read();
        _depth--;
        return value;
    }

    public static JsonNode? Json(string json, int position)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            throw new FieldPathException(position, "not a JSON value");
        }
    }

    private static bool IsWordPart(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';

    private static char Shown(char letter) => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter;
}
