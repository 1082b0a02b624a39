using System.IO.Enumeration;

namespace GitOpsGrains.Lua.Customizations;

/// <summary>
/// The kinds that a customization is for: <c>apps/Deployment</c>, <c>Pod</c> for the core group, or with wildcards that
/// match any characters: <c>*.crossplane.io/*</c>. As in Argo CD, <c>*/*</c> does not match the core group.
/// </summary>
internal sealed record KindPattern(string Text)
{
    public bool IsExact => !Text.AsSpan().ContainsAny('*', '?');

    public bool Matches(string group, string kind) => FileSystemName.MatchesSimpleExpression(Text, NameOf(group, kind), ignoreCase: false);

    public static string NameOf(string group, string kind) => group.Length == 0 ? kind : $"{group}/{kind}";

    /// <summary>From the end of a key, where the group ends at the last underscore: <c>apps_Deployment</c>. Null if it can't be one.</summary>
    public static KindPattern? OfKey(string text)
    {
        var underscore = text.LastIndexOf('_');
        return Of(underscore < 0 ? text : $"{text[..underscore]}/{text[(underscore + 1)..]}");
    }

    /// <summary>From a name with a slash. Null if it can't be one.</summary>
    public static KindPattern? Of(string text)
    {
        // A backslash would escape, '<', '>' and '"' are wildcards of their own in simple expressions.
        var isNamed = text.Length is > 0 and <= 320 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '/' or '*' or '?');
        return isNamed && text.Count(letter => letter == '/') <= 1 && text[0] != '/' && text[^1] != '/' ? new KindPattern(text) : null;
    }
}
