using System.Text.Json;

namespace GitOpsGrains.Simulation.Tests;

/// <summary>Reads a watch, event by event.</summary>
public sealed class WatchReader(HttpResponseMessage answer, Stream stream) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StreamReader _lines = new(stream);

    /// <summary>The next event as "ADDED name", or null at an orderly end. Errors: IOException where the watch was cut.</summary>
    public async Task<string?> NextAsync()
    {
        if (await NextJsonAsync() is not { } change) return null;
        var item = change.GetProperty("object");
        return change.GetProperty("type").GetString() switch
        {
            "BOOKMARK" => $"BOOKMARK {item.GetProperty("metadata").GetProperty("resourceVersion").GetString()}",
            "ERROR" => $"ERROR {item.GetProperty("code")} {item.GetProperty("reason").GetString()}",
            var type => $"{type} {item.GetProperty("metadata").GetProperty("name").GetString()}",
        };
    }

    public async Task<JsonElement?> NextJsonAsync()
    {
        using var late = new CancellationTokenSource(Patience);
        return await _lines.ReadLineAsync(late.Token) is { } line ? JsonElement.Parse(line) : null;
    }

    /// <summary>All that is left, up to an orderly end.</summary>
    public async Task<List<string>> ToEndAsync()
    {
        List<string> events = [];
        while (await NextAsync() is { } next) events.Add(next);
        return events;
    }

    public void Dispose()
    {
        _lines.Dispose();
        answer.Dispose();
    }
}
