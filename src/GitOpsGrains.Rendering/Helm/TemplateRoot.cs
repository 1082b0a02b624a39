using System.Text.RegularExpressions;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// Whether templates do something with their root as a whole (print it, walk it, look up a computed name in it): then they may
/// read the cluster's capabilities without naming them. To hand the root on to another template is no use of it; under which names
/// it is handed on in a dict is noted, and a use of something that has such a name counts, in whatever file it stands. Where it
/// can't tell it says yes, which costs a render and is never wrong.
/// </summary>
internal sealed partial class TemplateRoot
{
    private const int MaxHead = 64;
    private const string Root = "";
    private const string Dict = "dict";
    private static readonly string[] HandingOn = ["include", "template", "block", "tpl"];

    /// <summary>Names under which the root is in a dict, and which of them it has if it has another.</summary>
    private readonly HashSet<string> _handed = new(StringComparer.Ordinal);
    private readonly List<(string From, string To)> _links = [];

    /// <summary>Names of what is used as a whole.</summary>
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private bool _isUsed;

    /// <summary>Whether one of the templates that were read uses it.</summary>
    public bool IsUsed
    {
        get
        {
            while (_links.Any(link => _handed.Contains(link.From) && _handed.Add(link.To)))
            {
                // Until no name is new.
            }
            return _isUsed || _whole.Overlaps(_handed);
        }
    }

    public void Read(string text)
    {
        // '$' is the root everywhere, '.' where no with or range has given it another meaning.
        var (roots, blocks) = (new Dictionary<string, string>(StringComparer.Ordinal) { ["$"] = Root }, new Stack<bool>());
        for (var at = 0; !_isUsed && (at = text.IndexOf("{{", at, StringComparison.Ordinal)) >= 0;)
        {
            var end = text.IndexOf("}}", at += 2, StringComparison.Ordinal);
            if (end < 0) return;
            var raw = text[at..end].Trim('-', ' ', '\t', '\r', '\n');
            at = end + 2;
            if (raw.StartsWith("/*", StringComparison.Ordinal)) continue;
            // A name may be spelt with escapes.
            _isUsed |= Escape().IsMatch(raw);
            var assigned = Assigned().Match(raw);
            if (assigned.Success && NameOf(assigned.Groups["value"].Value, roots, blocks) is { } name) Assign(assigned.Groups["name"].Value, name, roots);
            else ReadCalls(Literal().Replace(raw, Shorten), roots, blocks);
            Enter(Words().Matches(Literal().Replace(raw, "''")).Take(2).Select(match => match.Value).ToArray(), blocks);
        }
    }

    /// <summary>What a token means as a whole: the root, or something of that name; null if it is neither.</summary>
    private static string? NameOf(string token, Dictionary<string, string> roots, Stack<bool> blocks)
    {
        if (token == ".") return blocks.Contains(true) ? null : Root;
        var dot = token.LastIndexOf('.');
        return dot >= 0 ? token[(dot + 1)..] : roots.GetValueOrDefault(token);
    }

    /// <summary>A variable may be given something else in a branch that is not taken: it stays what it was as well.</summary>
    private void Assign(string variable, string name, Dictionary<string, string> roots)
    {
        if (!roots.TryGetValue(variable, out var before) || name == Root) roots[variable] = name;
        else if (before != Root) _links.Add((name, before));
    }

    /// <summary>Literals may hold what looks like code; only those that can be names of a dict's entries are kept.</summary>
    private static string Shorten(Match literal) => Name().IsMatch(literal.Value) ? $"'{literal.Value[1..^1]}'" : "''";

    private static void Enter(string[] words, Stack<bool> blocks)
    {
        if (words is [var first, ..] && first is "with" or "range") blocks.Push(true);
        else if (words is ["if" or "define" or "block", ..]) blocks.Push(false);
        else if (words is ["end", ..]) blocks.TryPop(out _);
        else if (words is ["else", ..] && blocks.TryPop(out _)) blocks.Push(words is [_, "with"]);
    }

    /// <summary>Looks at each call, which begins with a parenthesis or a pipe: what it is says whether it only hands on.</summary>
    private void ReadCalls(string code, Dictionary<string, string> roots, Stack<bool> blocks)
    {
        var calls = new Stack<Call>([new Call(0, 0)]);
        foreach (Match token in Tokens().Matches(code))
        {
            if (token.Value == "(") calls.Push(new Call(token.Index, token.Index + 1));
            else if (token.Value == ")")
            {
                // A dict that holds the root is handed on, or used, as the root is.
                if (calls.Count > 1 && calls.Pop() is { HoldsRoot: true } held) Take(code, calls.Peek(), held.Index, Root);
            }
            else if (token.Value == "|")
            {
                var before = calls.Pop();
                calls.Push(new Call(before.Index, token.Index + 1));
                if (before.HoldsRoot) Take(code, calls.Peek(), token.Index, Root);
            }
            else if (NameOf(token.Value, roots, blocks) is { } name) Take(code, calls.Peek(), token.Index, name);
        }
        if (Target().Match(code) is { Success: true } target && calls.All(call => call.HoldsRoot)) Assign(target.Value, Root, roots);
        else _isUsed |= calls.Last().HoldsRoot;
    }

    /// <summary>A call gets something as an argument.</summary>
    private void Take(string code, Call call, int index, string name)
    {
        var head = HeadOf(code, call.Start);
        if (head == Dict && Key().Match(code, 0, index) is { Success: true } key)
        {
            _links.Add((name, key.Groups["key"].Value));
            if (name == Root) _handed.Add(key.Groups["key"].Value);
            call.HoldsRoot |= name == Root;
        }
        else if (!HandingOn.Contains(head))
        {
            _isUsed |= name == Root;
            _whole.Add(name);
        }
    }

    private static string HeadOf(string code, int start) => Head().Match(code, start, Math.Min(MaxHead, code.Length - start)) is { Success: true } head ? head.Groups["call"].Value : "";

    [GeneratedRegex("""\\[xuU0-7]""", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    [GeneratedRegex("""
        "(?:\\.|[^"\\])*"|`[^`]*`
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex("""^(?<name>\$\w+)\s*:?=\s*(?<value>\.|\$\w*|\$?\w*(?:\.\w+)+)$""", RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();

    [GeneratedRegex("""\w+""", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    [GeneratedRegex("""[()|]|(?<![\w.$)\]'])(?:(?:\$\w*)?(?:\.\w+)+|\.|\$\w*)(?![\w.$])""", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();

    [GeneratedRegex("""^["`]\w+["`]$""", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    /// <summary>The literal before an argument: in a dict, its name.</summary>
    [GeneratedRegex("""'(?<key>\w+)'\s*$""", RegexOptions.CultureInvariant | RegexOptions.RightToLeft)]
    private static partial Regex Key();

    [GeneratedRegex("""^\$\w+(?=\s*:?=)""", RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex("""\G\s*(?:\$\w+\s*:?=\s*)?(?<call>\w+)""", RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    /// <param name="Index">Where it begins as an argument of another.</param>
    /// <param name="Start">Where its head is.</param>
    private sealed record Call(int Index, int Start)
    {
        /// <summary>It is a dict with the root in it.</summary>
        public bool HoldsRoot { get; set; }
    }
}
