using System.Text.RegularExpressions;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Whether a template does something with its root as a whole (prints it, walks it, looks up a computed name in it): then it may
/// read the cluster's capabilities without naming them. To hand the root on to another template is no use of it. Pure; where it
/// can't tell it says yes, which costs a render and is never wrong.
/// </summary>
internal static partial class TemplateRoot
{
    private const int MaxHead = 64;
    private static readonly string[] HandingOn = ["include", "template", "block", "tpl", "dict", "list", "set"];

    public static bool IsUsedIn(string text)
    {
        // '$' is the root everywhere, '.' where no with or range has given it another meaning.
        var (roots, blocks) = (new HashSet<string>(StringComparer.Ordinal) { "$" }, new Stack<bool>());
        for (var at = 0; (at = text.IndexOf("{{", at, StringComparison.Ordinal)) >= 0;)
        {
            var end = text.IndexOf("}}", at += 2, StringComparison.Ordinal);
            if (end < 0) return false;
            var raw = text[at..end].Trim('-', ' ', '\t', '\r', '\n');
            at = end + 2;
            if (raw.StartsWith("/*", StringComparison.Ordinal)) continue;
            // A name may be spelt with escapes.
            if (Escape().IsMatch(raw)) return true;
            var code = Literal().Replace(raw, "''");
            if (Assigned().Match(code) is { Success: true } assigned && IsRoot(assigned.Groups["value"].Value, roots, blocks)) roots.Add(assigned.Groups["name"].Value);
            else if (IsUsed(code, roots, blocks)) return true;
            Enter(Words().Matches(code).Take(2).Select(match => match.Value).ToArray(), blocks);
        }
        return false;
    }

    private static bool IsRoot(string token, HashSet<string> roots, Stack<bool> blocks) => token == "." ? !blocks.Contains(true) : roots.Contains(token);

    private static void Enter(string[] words, Stack<bool> blocks)
    {
        if (words is [var first, ..] && first is "with" or "range") blocks.Push(true);
        else if (words is ["if" or "define" or "block", ..]) blocks.Push(false);
        else if (words is ["end", ..]) blocks.TryPop(out _);
        else if (words is ["else", ..] && blocks.TryPop(out _)) blocks.Push(words is [_, "with"]);
    }

    /// <summary>Looks at each call, which begins with a parenthesis or a pipe: what it is says whether it only hands on.</summary>
    private static bool IsUsed(string code, HashSet<string> roots, Stack<bool> blocks)
    {
        var heads = new Stack<int>([0]);
        foreach (Match token in Tokens().Matches(code))
        {
            if (token.Value == "(") heads.Push(token.Index + 1);
            else if (token.Value == ")") { if (heads.Count > 1) heads.Pop(); }
            else if (token.Value == "|")
            {
                heads.Pop();
                heads.Push(token.Index + 1);
            }
            else if (IsRoot(token.Value, roots, blocks) && !HandingOn.Contains(HeadOf(code, heads.Peek()))) return true;
        }
        return false;
    }

    private static string HeadOf(string code, int start) => Head().Match(code, start, Math.Min(MaxHead, code.Length - start)) is { Success: true } head ? head.Groups["call"].Value : "";

    [GeneratedRegex("""\\[xuU0-7]""", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    [GeneratedRegex("""
        "(?:\\.|[^"\\])*"|`[^`]*`
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex("""^(?<name>\$\w+)\s*:?=\s*(?<value>\.|\$\w*)$""", RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();

    [GeneratedRegex("""\w+""", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    [GeneratedRegex("""[()|]|(?<![\w.$)\]'])(?:\.|\$\w*)(?![\w.$])""", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();

    [GeneratedRegex("""\G\s*(?:\$\w+\s*:?=\s*)?(?<call>\w+)""", RegexOptions.CultureInvariant)]
    private static partial Regex Head();
}
