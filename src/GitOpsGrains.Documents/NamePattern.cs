namespace GitOpsGrains.Documents;

/// <summary>A name with <c>*</c> for any run of characters and <c>?</c> for one; everything else stands for itself.</summary>
public static class NamePattern
{
    public static bool MatchesAny(IEnumerable<string> patterns, string name) => patterns.Any(pattern => Matches(pattern, name));

    /// <summary>Linear but for the last star: a failed match falls back to one character more under it.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
