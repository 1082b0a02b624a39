using System.Text;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>Filtered, sorted, paged lists over the catalog.</summary>
public static class FleetLists
{
    public static async Task<ListView<TView>> ListAsync<TView>(
        FleetFacade fleet, CatalogKind kind, Func<FleetFacade, string, Task<TView?>> get, Func<TView, DocumentMetadata> metadata, ListQuery query)
        where TView : class
    {
        var selector = LabelSelector.Parse(query.Selector);
        var names = (await CatalogPartitions.ListAsync(fleet.Grains, kind)).Where(name => Contains(name, query.Q)).ToArray();
        var views = await FleetFacade.WindowedAsync(names, name => get(fleet, name));
        var found = views.OfType<TView>().Where(view => selector.Matches(metadata(view).Labels)).ToArray();
        return Page(found, view => metadata(view).Name, query);
    }

    /// <summary>The index finds the page, and its applications are read: what changed in between is left out of it.</summary>
    public static async Task<ListView<ApplicationView>> ListApplicationsAsync(FleetFacade fleet, ListQuery query)
    {
        var wanted = FleetQueries.Read(query);
        if (wanted is null) return new ListView<ApplicationView> { Total = 0 };
        var parts = await Task.WhenAll(Enumerable.Range(0, CatalogPartitions.Count).Select(partition => fleet.Grains.GetGrain<IFleetIndexGrain>(partition).FindAsync(wanted)));
        var found = parts.SelectMany(part => part.Found);
        FleetPosition[] page = [.. (wanted.Descending ? found.OrderDescending() : found.Order()).Take(query.PageSize)];
        var views = await FleetFacade.WindowedAsync([.. page.Select(position => position.Application)], fleet.GetApplicationAsync);
        var isLast = parts.Sum(part => part.Found.Count) <= page.Length && parts.All(part => part.Found.Count < wanted.Limit);
        return new ListView<ApplicationView>
        {
            Items = [.. views.OfType<ApplicationView>().Where(view => FleetQueries.Matches(wanted, view))],
            Total = parts.Sum(part => part.Total),
            Partial = parts.Any(part => part.Partial),
            Continue = isLast ? null : FleetQueries.Encode(page[^1]),
        };
    }

    private static bool Contains(string name, string? part) => string.IsNullOrEmpty(part) || name.Contains(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>The page after the item that the token names; the token outlives changes of the list.</summary>
    private static ListView<TView> Page<TView>(TView[] items, Func<TView, string> key, ListQuery query)
    {
        var start = 0;
        if (query.Continue is { Length: > 0 } token)
        {
            var last = Decode(token);
            // They are in ordinal order, and the one that the page before ended with may be gone.
            start = items.TakeWhile(item => string.CompareOrdinal(key(item), last) <= 0).Count();
        }
        var page = items.Skip(start).Take(query.PageSize).ToArray();
        return new ListView<TView>
        {
            Items = page,
            Total = items.Length,
            Continue = start + page.Length < items.Length && page.Length > 0 ? Encode(key(page[^1])) : null,
        };
    }

    private static string Encode(string key) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(key));

    private static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromHexString(token));
        }
        catch (FormatException)
        {
            throw new GrainRefusedException(RefusalKind.Invalid, "continue: this is no token of a page before");
        }
    }
}
