using System.Globalization;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>How many requests an API server has answered, by verb and resource, as its own metrics say.</summary>
public sealed partial class RequestCounts
{
    private readonly Dictionary<(string Verb, string Resource, bool DryRun, string Failed), long> _counts;

    private RequestCounts(Dictionary<(string Verb, string Resource, bool DryRun, string Failed), long> counts) => _counts = counts;

    /// <summary>Requests with one of these verbs (GET, LIST, WATCH, POST, PUT, PATCH, APPLY, DELETE), of all resources or of one ("configmaps").</summary>
    public long Of(string verb, string? resource = null) => _counts
        .Where(count => string.Equals(count.Key.Verb, verb, StringComparison.OrdinalIgnoreCase) && (resource is null || count.Key.Resource == resource))
        .Sum(count => count.Value);

    /// <summary>POST, PUT, PATCH, APPLY and DELETE requests, without dry runs.</summary>
    public long Writes(string? resource = null) =>
        Of("POST", resource) + Of("PUT", resource) + Of("PATCH", resource) + Of("APPLY", resource) + Of("DELETE", resource) - DryRuns(resource);

    /// <summary>Writes without dry runs that were based on a state that was past (409): they have changed nothing.</summary>
    public long Conflicts(string resource) =>
        _counts.Where(count => count.Key is { DryRun: false, Failed: "409" } && count.Key.Resource == resource).Sum(count => count.Value);

    public long DryRuns(string? resource = null) =>
        _counts.Where(count => count.Key.DryRun && (resource is null || count.Key.Resource == resource)).Sum(count => count.Value);

    /// <summary>What the server of a client has counted so far.</summary>
    public static async Task<RequestCounts> ReadAsync(ApiClient client) => Parse(await client.GetTextAsync("/metrics"));

    /// <summary>What came after an earlier reading.</summary>
    public RequestCounts Since(RequestCounts earlier) => new(_counts
        .Select(count => (count.Key, Value: count.Value - earlier._counts.GetValueOrDefault(count.Key)))
        .Where(count => count.Value != 0)
        .ToDictionary(count => count.Key, count => count.Value));

    public override string ToString() =>
        string.Join(", ", _counts.OrderBy(count => count.Key)
            .Select(count => $"{count.Key.Verb} {count.Key.Resource}{(count.Key.DryRun ? " (dry run)" : "")}{(count.Key.Failed.Length == 0 ? "" : $" ({count.Key.Failed})")}: {count.Value}"));

    private static RequestCounts Parse(string metrics)
    {
        var counts = new Dictionary<(string, string, bool, string), long>();
        foreach (Match line in Line().Matches(metrics))
        {
            var labels = line.Groups["labels"].Value;
            var key = (Label(labels, "verb"), Label(labels, "resource"), Label(labels, "dry_run").Length > 0, FailedCode(Label(labels, "code")));
            var value = (long)double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture);
            counts[key] = counts.GetValueOrDefault(key) + value;
        }

        return new RequestCounts(counts);
    }

    /// <summary>"" where the request went well. A write that is cut off counts as 500, and may have been made all the same.</summary>
    private static string FailedCode(string code) => code is ['4' or '5', ..] ? code : "";

    private static string Label(string labels, string name) =>
        Regex.Match(labels, $"(?:^|,){name}=\"(?<value>[^\"]*)\"").Groups["value"].Value;

    [GeneratedRegex("^apiserver_request_total\\{(?<labels>[^}]*)\\} (?<value>\\S+)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
