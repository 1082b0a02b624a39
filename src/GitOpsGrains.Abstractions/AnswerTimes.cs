namespace GitOpsGrains.Abstractions;

/// <summary>Time limits of grain calls that wait for something outside.</summary>
internal static class AnswerTimes
{
    /// <summary>
    /// Longer than what is waited for: listing and fetching from Git have time limits of their own, 30 s each by default, and a
    /// caller may wait for the poll before its own; a diff asks the cluster about every object.
    /// </summary>
    public const string Longest = "00:05:00";

    /// <summary>Longer than the 20 s at most for which an answer is held until something happens.</summary>
    public const string Held = "00:00:40";
}
