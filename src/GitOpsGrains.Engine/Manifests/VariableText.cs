using System.Text;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Expands <c>${VAR}</c>, <c>${VAR:=default}</c>, <c>${VAR:-default}</c>, <c>${VAR=default}</c>, <c>${VAR-default}</c> and
/// <c>${VAR:?error}</c>; <c>$${</c> stands for <c>${</c>. With ':' an empty variable counts as not set. Defaults may hold
/// variables themselves. A '$' without '{' is itself.
/// </summary>
internal static class VariableText
{
    private const int MaxDepth = 16;
    private const int MaxLength = 1024 * 1024;

    /// <returns>The text, or why there is none. Values are never repeated in the reason: they may be secret.</returns>
    public static (string? Text, string Reason) Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            var at = 0;
            return (Read(text, ref at, variables, depth: 0), "");
        }
        catch (FormatException exception)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Adds all that may be asked for, whatever is set: also what stands in defaults, or is escaped.</summary>
    public static void AddNames(string text, ISet<string> names)
    {
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at, StringComparison.Ordinal))
        {
            var start = at += 2;
            while (at < text.Length && VariableName.IsPart(text[at])) at++;
            if (at > start) names.Add(text[start..at]);
        }
    }

    /// <summary>Reads to the end, or inside braces to the one that closes them.</summary>
    private static string Read(string text, ref int at, IReadOnlyDictionary<string, string> variables, int depth)
    {
        if (depth > MaxDepth) throw new FormatException($"defaults are nested deeper than {MaxDepth}");
        var result = new StringBuilder();
        while (at < text.Length)
        {
            if (depth > 0 && text[at] == '}') return result.ToString();
            if (Begins(text, at, "$${"))
            {
                result.Append("${");
                at += 3;
                if (depth == 0) continue;
                // What is escaped inside a default has braces of its own.
                while (at < text.Length && text[at] != '}') result.Append(text[at++]);
                if (at < text.Length) result.Append(text[at++]);
            }
            else if (Begins(text, at, "${"))
            {
                at += 2;
                result.Append(Variable(text, ref at, variables, depth));
            }
            else
            {
                result.Append(text[at++]);
            }
            if (result.Length > MaxLength) throw new FormatException($"the text is longer than {MaxLength} characters with its variables");
        }
        return depth == 0 ? result.ToString() : throw new FormatException("a '${' has no '}'");
    }

    private static string Variable(string text, ref int at, IReadOnlyDictionary<string, string> variables, int depth)
    {
        var start = at;
        while (at < text.Length && VariableName.IsPart(text[at])) at++;
        var name = text[start..at];
        if (!VariableName.Is(name)) throw new FormatException("a '${' begins no variable; write '$${' for the text itself");
        var emptyIsUnset = at < text.Length && text[at] == ':';
        if (emptyIsUnset) at++;
        var operation = at < text.Length ? text[at] : throw new FormatException("a '${' has no '}'");
        var value = variables.GetValueOrDefault(name);
        if (operation == '}' && !emptyIsUnset)
        {
            at++;
            return value ?? throw new FormatException($"the variable {name} is not set and has no default");
        }
        if (operation is not ('=' or '-' or '?')) throw new FormatException($"'${{{name}' goes on with an operation that is not supported");
        at++;
        var isSet = value is { Length: > 0 } || (value is not null && !emptyIsUnset);
        // A default that is not needed need not be good, as with Flux.
        var word = isSet ? Skip(text, ref at) : Read(text, ref at, variables, depth + 1);
        at++;
        if (isSet) return value!;
        return operation != '?' ? word
            : throw new FormatException($"the variable {name} is not set{(word.Length > 0 ? ": " + (word.Length <= 200 ? word : word[..197] + "...") : "")}");
    }

    private static string Skip(string text, ref int at)
    {
        for (var open = 1; at < text.Length; at++)
        {
            if (Begins(text, at, "${")) open++;
            if (text[at] == '}' && --open == 0) return "";
        }
        throw new FormatException("a '${' has no '}'");
    }

    private static bool Begins(string text, int at, string with) => string.CompareOrdinal(text, at, with, 0, with.Length) == 0;
}
