using System.Text.RegularExpressions;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>
/// Where a rollback goes that names no revision: to what was synced before the present state. A rollback's own commit counts as
/// the commit that it restored, so that the next one goes further back instead of undoing it. Pure.
/// </summary>
public static partial class RollbackTargets
{
    /// <param name="entries">The history of all targets.</param>
    /// <param name="present">The revision that is rendered now.</param>
    /// <param name="message">That commit's message.</param>
    /// <returns>Null when nothing earlier is known.</returns>
    public static string? Choose(IEnumerable<HistoryView> entries, string application, string present, string message)
    {
        var synced = entries.Where(entry => entry is { Result: "Succeeded", Trigger: not ApplicationGrain.RestoreKind }).OrderBy(entry => entry.Started).ToArray();
        if (RestoredBy(message, application) is not { } restored) return synced.LastOrDefault(entry => entry.Revision != present)?.Revision;
        var messages = synced.DistinctBy(entry => entry.Revision).ToDictionary(entry => entry.Revision, entry => entry.Message, StringComparer.Ordinal);
        var state = Resolve(restored, application, messages);
        var at = Array.FindLastIndex(synced, entry => entry.Revision == state);
        while (at >= 0 && Resolve(synced[at].Revision, application, messages) == state) at--;
        return at < 0 ? null : synced[at].Revision;
    }

    /// <summary>
    /// What to do where several refs have to go back: commits in several places can't be pushed as one, and what lies between them
    /// was never synced.
    /// </summary>
    internal static string OneByOne(IReadOnlyList<SourceRevision> sources, IReadOnlyList<SourceChoice> changed) =>
        "several sources have changed since they were synced together, and a rollback is one commit: suspend the application, roll back with "
        + string.Join(", then ", changed.Select(choice => $"--to {SourceChoice.LabelOf(sources.First(source => choice.Holds(source.Source)).Source)}:{choice.Revision[..8]}"))
        + ", and resume it, so that the clusters get all at once; to take back one alone, name it";

    /// <summary>The revision whose files a revision's are, by all rollbacks in between; as it is given when that is not known.</summary>
    private static string Resolve(string revision, string application, Dictionary<string, string> messages)
    {
        // Each names an older one; the bound is for messages that somebody made up.
        for (var step = 0; step <= messages.Count; step++)
        {
            var whole = messages.Keys.FirstOrDefault(known => known.StartsWith(revision, StringComparison.Ordinal));
            if (whole is null) return revision;
            revision = whole;
            if (RestoredBy(messages[whole], application) is not { } restored) return whole;
            revision = restored;
        }
        return revision;
    }

    /// <summary>The first digits of the commit that a rollback restored; null for other commits. Also in the message of its merge.</summary>
    private static string? RestoredBy(string message, string application)
    {
        foreach (Match match in Subject().Matches(message))
            if (match.Groups["application"].Value == application) return match.Groups["commit"].Value;
        return null;
    }

    [GeneratedRegex(@"^Roll back (?<application>\S+) to (?<commit>[0-9a-f]{8})( \(\S+\))?\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Subject();
}
