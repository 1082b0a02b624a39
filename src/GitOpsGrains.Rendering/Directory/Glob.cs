using System.Text;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Rendering.Directory;

/// <summary>
/// A pattern over whole relative paths with the meaning it has in Argo CD's directory sources: "*" and "**" match any
/// characters, '/' too; "?" one character; "[a-z]" and "[!a-z]" one of a set; "{a,b}" alternatives, also nested; '\' takes
/// the next character as it is. Matching takes linear time whatever the pattern.
/// </summary>
internal sealed class Glob
{
    private const int MaxLength = 1024;
    private readonly Regex _expression;

    private Glob(Regex expression) => _expression = expression;

    public bool IsMatch(string path) => _expression.IsMatch(path);

    /// <returns>The pattern, or what is wrong with it.</returns>
    public static (Glob? Glob, string? Fault) Parse(string pattern)
    {
        if (pattern.Length > MaxLength) return (null, $"it is longer than {MaxLength} characters");
        var expression = new StringBuilder("^");
        var depth = 0;
        for (var index = 0; index < pattern.Length; index++)
        {
            switch (pattern[index])
            {
                case '*':
                    expression.Append(".*");
                    while (index + 1 < pattern.Length && pattern[index + 1] == '*') index++;
                    break;
                case '?':
                    expression.Append('.');
                    break;
                case '{':
                    depth++;
                    expression.Append("(?:");
                    break;
                case '}' when depth > 0:
                    depth--;
                    expression.Append(')');
                    break;
                case ',' when depth > 0:
                    expression.Append('|');
                    break;
                case '[':
                    index = AppendSet(pattern, index, expression);
                    if (index < 0) return (null, "a '[' has no ']' or a wrong range");
                    break;
                case '\\':
                    if (++index == pattern.Length) return (null, "it ends with a backslash");
                    AppendLiteral(pattern[index], expression);
                    break;
                default:
                    AppendLiteral(pattern[index], expression);
                    break;
            }
        }
        if (depth > 0) return (null, "a '{' has no '}'");
        return (new Glob(new Regex(expression.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline)), null);
    }

    /// <returns>Where the set ends, or -1 when it does not.</returns>
    private static int AppendSet(string pattern, int start, StringBuilder expression)
    {
        var at = start + 1;
        var negated = at < pattern.Length && pattern[at] is ('!' or '^');
        if (negated) at++;
        var set = new StringBuilder(negated ? "[^" : "[");
        var first = at;
        for (; at < pattern.Length; at++)
        {
            if (pattern[at] == ']' && at > first)
            {
                expression.Append(set.Append(']'));
                return at;
            }
            if (at + 2 < pattern.Length && pattern[at + 1] == '-' && pattern[at + 2] != ']')
            {
                if (pattern[at] > pattern[at + 2]) return -1;
                AppendMember(pattern[at], set);
                set.Append('-');
                AppendMember(pattern[at + 2], set);
                at += 2;
            }
            else
            {
                AppendMember(pattern[at], set);
            }
        }
        return -1;
    }

    private static void AppendMember(char character, StringBuilder set)
    {
        if (character is '\\' or ']' or '[' or '^' or '-') set.Append('\\');
        set.Append(character);
    }

    private static void AppendLiteral(char character, StringBuilder expression) => expression.Append(Regex.Escape(character.ToString()));
}
