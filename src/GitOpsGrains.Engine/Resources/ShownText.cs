using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Engine.Resources;

/// <summary>Texts that somebody else wrote, as they may be shown.</summary>
public static partial class ShownText
{
    private const string Hidden = "***";

    /// <summary>One line without control characters and without those that change the direction of what follows, cut at a length.</summary>
    public static string Line(string text, int length)
    {
        var line = new StringBuilder(Math.Min(text.Length, length + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > length) return line.Append('…').ToString();
            if (IsVisible(rune)) line.Append(rune);
            else line.Append(' ');
        }
        return line.ToString();
    }

    /// <summary>Without bearer tokens and JSON web tokens.</summary>
    public static string WithoutTokens(string text) => WebToken().Replace(Bearer().Replace(text, $"$1{Hidden}"), Hidden);

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    [GeneratedRegex(@"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]{8,}")]
    private static partial Regex Bearer();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?")]
    private static partial Regex WebToken();
}
