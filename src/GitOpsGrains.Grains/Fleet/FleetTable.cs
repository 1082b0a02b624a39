using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>The rows of one partition, and what is found in them.</summary>
public sealed class FleetTable
{
    private const int MaxGone = 1000;
    private const int Spare = 64;

    private readonly Dictionary<string, FleetRow> _rows = new(StringComparer.Ordinal);
    private int _gone;

    /// <summary>
    /// Rows come in any order: the newest stands, and what is gone stays gone for older ones. False where that can't be told: versions
    /// come from clocks, and one that was ahead may have been set right since.
    /// </summary>
    /// <param name="isRead">The application itself has just said so.</param>
    public bool Take(FleetRow row, bool isRead = false)
    {
        var known = _rows.GetValueOrDefault(row.Application);
        if (known is not null && known.Version >= row.Version)
        {
            if (known.Activation == row.Activation || row.Activation == Guid.Empty) return true;
            if (!isRead) return false;
        }
        _gone += (row.Deleted ? 1 : 0) - (known?.Deleted == true ? 1 : 0);
        _rows[row.Application] = row;
        if (_gone <= MaxGone) return true;
        foreach (var (name, _) in _rows.Where(static entry => entry.Value.Deleted).ToArray()) _rows.Remove(name);
        _gone = 0;
        return true;
    }

    public FleetRow? Find(string application) => _rows.GetValueOrDefault(application);

    /// <summary>Errors: <see cref="Abstractions.GrainRefusedException"/> for a selector that can't be read.</summary>
    public (IReadOnlyList<FleetPosition> Found, int Total) Find(FleetQuery query)
    {
        var selector = LabelSelector.Parse(query.Selector);
        var (total, found) = (0, new List<FleetPosition>());
        foreach (var row in _rows.Values)
        {
            if (!IsWanted(row, query, selector)) continue;
            total++;
            var position = FleetPosition.Of(row, query.Order);
            if (query.After is not { } after || (query.Descending ? position < after : position > after)) found.Add(position);
            // A page is a few of thousands: no need to sort them all.
            if (found.Count >= (2 * query.Limit) + Spare) Page(found, query);
        }
        Page(found, query);
        return (found, total);
    }

    private static void Page(List<FleetPosition> found, FleetQuery query)
    {
        found.Sort();
        if (query.Descending) found.Reverse();
        if (found.Count > query.Limit) found.RemoveRange(query.Limit, found.Count - query.Limit);
    }

    private static bool IsWanted(FleetRow row, FleetQuery query, LabelSelector selector) =>
        !row.Deleted
        && (query.Sync is not { } sync || row.Sync == sync)
        && (query.Health is not { } health || row.Health == health)
        && (query.Project is not { Length: > 0 } project || GrainKeys.ParseApplication(row.Application).Project == project)
        && (query.Part is not { Length: > 0 } part || row.Application.Contains(part, StringComparison.OrdinalIgnoreCase))
        && (query.Cluster is not { Length: > 0 } cluster || row.Clusters.Contains(cluster))
        && selector.Matches(row.Labels);
}
