using System.Globalization;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Orders events, newest first, and cuts them into pages. A page goes on after the last event of the one before. Pure.</summary>
internal static class EventPages
{
    /// <summary>Null for the first page. Errors: <see cref="GrainRefusedException"/>.</summary>
    public static (long Ticks, string Key)? After(string? token)
    {
        if (token is null) return null;
        var dash = token.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && token.Length <= 64 && long.TryParse(token.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? (ticks, token[(dash + 1)..])
            : throw new GrainRefusedException(RefusalKind.Invalid, "continue: this is no token of a page before");
    }

    public static EventsView Of(string cluster, IReadOnlyList<(LiveEvent Event, FamilyMember About)> events, EventsQuery query, IReadOnlyList<string> notes)
    {
        var ordered = events.DistinctBy(item => item.Event.Key).OrderByDescending(item => item.Event.Last.Ticks).ThenBy(item => item.Event.Key, StringComparer.Ordinal).ToArray();
        var rest = After(query.After) is { } after ? ordered.SkipWhile(item => !IsBehind(item.Event, after)).ToArray() : ordered;
        var page = rest.Take(query.Limit).ToArray();
        return new EventsView
        {
            Cluster = cluster,
            Items = [.. page.Select(item => ViewOf(item.Event, item.About))],
            Continue = rest.Length > page.Length ? string.Create(CultureInfo.InvariantCulture, $"{page[^1].Event.Last.Ticks}-{page[^1].Event.Key}") : null,
            Total = ordered.Length,
            Notes = notes,
        };
    }

    private static bool IsBehind(LiveEvent item, (long Ticks, string Key) after) =>
        item.Last.Ticks < after.Ticks || (item.Last.Ticks == after.Ticks && string.CompareOrdinal(item.Key, after.Key) > 0);

    private static EventView ViewOf(LiveEvent item, FamilyMember about) => new()
    {
        Object = about.Id.ToString(),
        Owner = about.Root == about.Id ? null : about.Root.ToString(),
        Type = item.Type,
        Reason = item.Reason,
        Message = item.Message,
        Count = item.Count,
        First = item.First,
        Last = item.Last,
        Source = item.Source,
    };
}
