namespace GitOpsGrains.Documents.Parsing;

/// <summary>The known name that a mistyped one most likely means.</summary>
internal static class NearestName
{
    /// <summary>Null when none is near: at most one slip per three characters, and at least one allowed.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length > 64) return null;
        var (best, least) = ((string?)null, Math.Max(1, name.Length / 3) + 1);
        foreach (var candidate in known)
        {
            var slips = Slips(name, candidate);
            if (slips < least) (best, least) = (candidate, slips);
        }

        return best;
    }

    public static string Hint(string name, IEnumerable<string> known) => Of(name, known) is { } nearest ? $"; did you mean {nearest}?" : "";

    /// <summary>Insertions, deletions, replacements and swapped neighbours between two names; case does not count.</summary>
    private static int Slips(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 24) return int.MaxValue;
        var (before, last, now) = (new int[right.Length + 1], new int[right.Length + 1], new int[right.Length + 1]);
        for (var j = 0; j <= right.Length; j++) last[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                now[j] = Math.Min(Math.Min(last[j] + 1, now[j - 1] + 1), last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 2])
                    && char.ToLowerInvariant(left[i - 2]) == char.ToLowerInvariant(right[j - 1]))
                    now[j] = Math.Min(now[j], before[j - 2] + 1);
            }

            (before, last, now) = (last, now, before);
        }

        return last[right.Length];
    }
}
