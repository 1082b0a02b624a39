using System.Text.RegularExpressions;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>The number of the pull or merge request that brought a commit, where its message tells it.</summary>
public static partial class PullRequests
{
    /// <summary>"#12" or "!12" (GitLab); null when the message names none.</summary>
    public static string? Of(string message)
    {
        var subject = message.AsSpan().TrimStart();
        var end = subject.IndexOf('\n');
        var first = (end < 0 ? subject : subject[..end]).TrimEnd().ToString();
        if (Merge().Match(first) is { Success: true } merge) return "#" + merge.Groups[1].Value;
        if (Squash().Match(first) is { Success: true } squash) return squash.Groups[1].Value;
        return GitLab().Match(message) is { Success: true } request ? request.Groups[1].Value : null;
    }

    /// <summary>GitHub, Gitea, Bitbucket and Azure DevOps, of a merge commit.</summary>
    [GeneratedRegex(@"^Merge(?:d)? (?:pull request|in .* \(pull request|PR) #?([0-9]{1,9})\b", RegexOptions.NonBacktracking)]
    private static partial Regex Merge();

    /// <summary>Of a squashed commit.</summary>
    [GeneratedRegex(@"\(([#!][0-9]{1,9})\)$", RegexOptions.NonBacktracking)]
    private static partial Regex Squash();

    [GeneratedRegex(@"^See merge request [^\s]{0,500}(![0-9]{1,9})\s*$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex GitLab();
}
