using System.Text.RegularExpressions;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>One C# file as text. <paramref name="Path"/> is relative to the root of the repository, with '/'.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The text with comments and the contents of string literals blanked, so that rules see code only. Lines stay.</summary>
    public string Code => field ??= Noise().Replace(Text, static match => Blank(match.Value));

    public int LineOf(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    public string At(Match match, string what) => $"{Path}:{LineOf(match.Index)}: {what}";

    private static string Blank(string value)
    {
        if (value[0] == '/') return new string([.. value.Select(static letter => letter == '\n' ? '\n' : ' ')]);
        return "\"" + new string([.. value[1..^1].Select(static letter => letter == '\n' ? '\n' : ' ')]) + "\"";
    }

    [GeneratedRegex("""
        //[^\n]* | /\*.*?\*/ | \$*"{3,}.*?"{3,} | \$?@\$?"(?:[^"]|"")*" | \$?"(?:\\.|[^"\\\n])*" | '(?:\\.[^']*|[^'\\\n])'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Noise();
}
