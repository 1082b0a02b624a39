using System.Text;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
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

    public static async Task<ListView<ApplicationView>> ListApplicationsAsync(FleetFacade fleet, ListQuery query)
    {
        var selector = LabelSelector.Parse(query.Selector);
        var keys = (await CatalogPartitions.ListAsync(fleet.Grains, CatalogKind.Application))
            .Where(key => query.Project is not { Length: > 0 } project || GrainKeys.ParseApplication(key).Project == project)
            .Where(key => Contains(key, query.Q));
        if (query.Cluster is { Length: > 0 } cluster) keys = keys.Intersect(await KeysOnAsync(fleet, cluster), StringComparer.Ordinal);
        var views = await FleetFacade.WindowedAsync([.. keys], fleet.GetApplicationAsync);
        var found = views.OfType<ApplicationView>()
            .Where(view => selector.Matches(view.Metadata.Labels))
            .Where(view => query.Sync is not { Length: > 0 } sync || view.Status.Sync.Equals(sync, StringComparison.OrdinalIgnoreCase))
            .Where(view => query.Health is not { Length: > 0 } health || view.Status.Health.Equals(health, StringComparison.OrdinalIgnoreCase));
        return Page([.. Sorted(found, query.Sort)], view => $"{view.Spec.Project}/{view.Metadata.Name}", query);
    }

    private static async Task<IEnumerable<string>> KeysOnAsync(FleetFacade fleet, string cluster) =>
        (await CatalogPartitions.ListAsync(fleet.Grains, CatalogKind.Target)).Select(GrainKeys.ParseTarget)
        .Where(target => target.Cluster == cluster).Select(target => GrainKeys.Application(target.Project, target.Application));

    private static IEnumerable<ApplicationView> Sorted(IEnumerable<ApplicationView> views, string? sort)
    {
        var (reverse, field) = sort is { Length: > 0 } && sort[0] == '-' ? (true, sort[1..]) : (false, sort);
        var sorted = field switch
        {
            null or "" or "name" => views.OrderBy(view => view.Spec.Project, StringComparer.Ordinal).ThenBy(view => view.Metadata.Name, StringComparer.Ordinal),
            // The worst first: that is what one sorts by health for.
            "health" => views.OrderByDescending(view => Enum.Parse<HealthStatus>(view.Status.Health)).ThenBy(view => view.Metadata.Name, StringComparer.Ordinal),
            "sync" => views.OrderBy(view => view.Status.Sync == nameof(SyncStatus.Synced)).ThenBy(view => view.Metadata.Name, StringComparer.Ordinal),
            _ => throw new GrainRefusedException(RefusalKind.Invalid, $"sort: '{field}' is not name, health or sync"),
        };
        return reverse ? sorted.Reverse() : sorted;
    }

    private static bool Contains(string name, string? part) => string.IsNullOrEmpty(part) || name.Contains(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>The page after the item that the token names; the token outlives changes of the list.</summary>
    private static ListView<TView> Page<TView>(TView[] items, Func<TView, string> key, ListQuery query)
    {
        var start = 0;
        if (query.Continue is { Length: > 0 } token)
        {
            var last = Decode(token);
            var index = Array.FindIndex(items, item => key(item) == last);
            start = index >= 0 ? index + 1
                : throw new GrainRefusedException(RefusalKind.Invalid, "continue: the item that the page before ended with is gone; list again from the start");
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
