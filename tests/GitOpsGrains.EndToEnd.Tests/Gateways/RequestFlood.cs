using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Many clients, each with a connection of its own, that ask again as soon as they are answered, whatever they are told.</summary>
internal sealed class RequestFlood : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Outcome, Tally> _answers = new();
    private readonly HttpClient _http;
    private readonly Repeated _asking;

    private RequestFlood(Uri url, int connections, Func<int, string> path, string token)
    {
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = url, Timeout = Deadline };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _asking = new Repeated(connections, index => AskAsync(path(index)));
    }

    /// <summary>What a client saw. The problem is the title of problem details, "" of anything else; no answer is status 0 with the error.</summary>
    public sealed record Outcome(int Status, string? RetryAfter, string Problem);

    /// <summary>How often, and how long one of them took at most and in the sum.</summary>
    public sealed record Tally(int Count, TimeSpan Longest, TimeSpan Sum)
    {
        public TimeSpan Mean => Sum / Count;
    }

    public IReadOnlyDictionary<Outcome, Tally> Answers => _answers;

    /// <param name="path">Below api/v1, of each client.</param>
    public static RequestFlood Start(Uri url, int connections, string token, Func<int, string> path) => new(url, connections, path, token);

    /// <summary>Asks no more, and lets what was asked come back.</summary>
    public Task StopAsync() => _asking.StopAsync();

    public override string ToString() => string.Join("; ", _answers.OrderBy(item => item.Key.Status).Select(item =>
        $"{item.Value.Count} x {item.Key.Status} {item.Key.Problem}, {item.Value.Mean.TotalMilliseconds:0} ms in the mean, {item.Value.Longest.TotalSeconds:0.0} s at most"));

    public async ValueTask DisposeAsync()
    {
        await _asking.DisposeAsync();
        _http.Dispose();
    }

    private async Task AskAsync(string path)
    {
        var asked = Stopwatch.GetTimestamp();
        var outcome = await TryAsync(path);
        var took = Stopwatch.GetElapsedTime(asked);
        _answers.AddOrUpdate(outcome, _ => new Tally(1, took, took), (_, seen) => new Tally(seen.Count + 1, took > seen.Longest ? took : seen.Longest, seen.Sum + took));
    }

    private async Task<Outcome> TryAsync(string path)
    {
        try
        {
            using var answer = await _http.GetAsync($"api/v1/{path}");
            var body = await answer.Content.ReadAsStringAsync();
            return new Outcome((int)answer.StatusCode, answer.Headers.RetryAfter?.ToString(), TitleOf(answer, body));
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return new Outcome(0, null, failure.Message);
        }
    }

    private static string TitleOf(HttpResponseMessage answer, string body)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json") return "";
        using var problem = System.Text.Json.JsonDocument.Parse(body);
        Assert.Equal((int)answer.StatusCode, problem.RootElement.GetProperty("status").GetInt32());
        return problem.RootElement.GetProperty("title").GetString()!;
    }
}
