using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Targets;

/// <summary>One operation is one entry of the history, however often it was tried.</summary>
internal static class HistoryTries
{
    /// <summary>Objects in one entry.</summary>
    public const int MaxObjects = 200;

    /// <summary>The last try's word counts; what only an earlier one changed stays, since it was done.</summary>
    public static HistoryView Join(HistoryView earlier, HistoryView last)
    {
        var said = last.Objects.Where(item => item.Action != nameof(ApplyAction.Failed)).Select(item => item.Object).ToHashSet(StringComparer.Ordinal);
        var stays = earlier.Objects.Where(item => item.Action != nameof(ApplyAction.Failed) && !said.Contains(item.Object));
        return last with { Attempts = (earlier.Attempts ?? 1) + 1, Objects = [.. last.Objects.Concat(stays).Take(MaxObjects)] };
    }
}
