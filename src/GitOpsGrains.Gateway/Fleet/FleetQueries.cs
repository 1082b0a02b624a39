using System.Globalization;
using System.Text;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Fleet;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What a list of applications is asked for, as the index reads it.</summary>
internal static class FleetQueries
{
    /// <summary>Null where nothing can match. Errors: <see cref="GrainRefusedException"/> for what can't be read.</summary>
    public static FleetQuery? Read(ListQuery query)
    {
        _ = LabelSelector.Parse(query.Selector);
        var (descending, field) = query.Sort is { Length: > 0 } sort && sort[0] == '-' ? (true, sort[1..]) : (false, query.Sort);
        var order = field switch
        {
            null or "" or "name" => FleetOrder.Name,
            "health" => FleetOrder.Health,
            "sync" => FleetOrder.Sync,
            _ => throw new GrainRefusedException(RefusalKind.Invalid, $"sort: '{field}' is not name, health or sync"),
        };
        var after = query.Continue is { Length: > 0 } token ? Decode(token) : (FleetPosition?)null;
        if (!TryName<SyncStatus>(query.Sync, out var synced) || !TryName<HealthStatus>(query.Health, out var health)) return null;
        return new FleetQuery
        {
            Project = query.Project, Cluster = query.Cluster, Sync = synced, Health = health, Selector = query.Selector, Part = query.Q,
            Order = order, Descending = descending, After = after, Limit = query.PageSize,
        };
    }

    public static bool Matches(FleetQuery query, ApplicationView view) =>
        (query.Sync is not { } sync || view.Status.Sync == sync.ToString()) && (query.Health is not { } health || view.Status.Health == health.ToString());

    public static string Encode(FleetPosition position) =>
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{position.Rank} {position.Application}")));

    private static FleetPosition Decode(string token)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromHexString(token));
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space > 0 && text.IndexOf('/', StringComparison.Ordinal) > space && int.TryParse(text.AsSpan(0, space), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var rank))
                return new FleetPosition(rank, text[(space + 1)..]);
        }
        catch (FormatException)
        {
            // Told below with the other ways in which a token can be none.
        }
        throw new GrainRefusedException(RefusalKind.Invalid, "continue: this is no token of a page before");
    }

    /// <summary>True with null where nothing is asked for. Numbers are no names.</summary>
    private static bool TryName<T>(string? text, out T? value)
        where T : struct, Enum
    {
        value = null;
        if (string.IsNullOrEmpty(text)) return true;
        var name = Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (name is null) return false;
        value = Enum.Parse<T>(name);
        return true;
    }
}
