using System.Globalization;
using GitOpsGrains.Simulation.Objects;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>The query of a request. Errors: 400.</summary>
internal sealed class ApiQuery(HttpRequest request)
{
    public bool IsWatch => Text("watch") is "true" or "1";

    public bool DryRun => Text("dryRun") switch
    {
        null or "" => false,
        "All" => true,
        var other => throw ApiException.BadRequest($"dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
    };

    public bool Bookmarks => Text("allowWatchBookmarks") is "true" or "1";

    public string? LabelSelector => Text("labelSelector");

    public string? FieldSelector => Text("fieldSelector");

    public string? Continue => Text("continue");

    public bool IsExact => Text("resourceVersionMatch") == "Exact";

    public int Limit => (int)Math.Clamp(Number("limit") ?? 0, 0, int.MaxValue);

    public long? Version => Number("resourceVersion");

    public TimeSpan? Timeout => Number("timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : null;

    public string? Text(string name) => request.Query[name] is { Count: > 0 } values ? values[0] : null;

    public WriteOptions Write() => new(Manager(), DryRun, Text("force") is "true" or "1", Text("fieldValidation") == "Strict");

    /// <summary>As servers name a client that doesn't name itself.</summary>
    private string Manager()
    {
        if (Text("fieldManager") is { Length: > 0 } manager)
            return manager.Length <= 128 ? manager : throw ApiException.BadRequest("fieldManager: Too long: must have at most 128 bytes");
        var agent = request.Headers.UserAgent.ToString().Split('/')[0];
        return agent.Length > 0 ? agent[..Math.Min(agent.Length, 128)] : "unknown";
    }

    private long? Number(string name)
    {
        if (Text(name) is not { Length: > 0 } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : throw ApiException.BadRequest($"{name}: Invalid value: \"{text}\": strconv.ParseUint: invalid syntax");
    }
}
