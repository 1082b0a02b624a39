using System.Collections.Concurrent;
using System.Text;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>Requests by verb and resource, and as the metric of a real server: apiserver_request_total.</summary>
internal sealed class RequestCounter
{
    private readonly ConcurrentDictionary<(string Verb, string Resource, bool DryRun), long> _counts = new();

    public void Add(string verb, string resource, bool isDryRun) => _counts.AddOrUpdate((verb, resource, isDryRun), 1, static (_, count) => count + 1);

    /// <summary>Dry runs are a verb of their own here: "APPLY dry-run".</summary>
    public IEnumerable<(string Verb, long Count)> ByVerb() => _counts.Select(static entry => (entry.Key.DryRun ? $"{entry.Key.Verb} dry-run" : entry.Key.Verb, entry.Value));

    public string ToMetrics()
    {
        var text = new StringBuilder("# TYPE apiserver_request_total counter\n");
        foreach (var (key, count) in _counts)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"apiserver_request_total{{dry_run=\"{(key.DryRun ? "All" : "")}\",resource=\"{key.Resource}\",verb=\"{key.Verb}\"}} {count}\n");
        return text.ToString();
    }
}
