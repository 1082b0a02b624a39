using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Clients that ask a gateway without pause, and remember what came back and how long it took.</summary>
internal sealed class SteadyCaller : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly HttpClient _http;
    private readonly string[] _paths;
    private readonly Repeated _asking;

    private SteadyCaller(Uri url, string token, string[] paths)
    {
        _paths = paths;
        _http = new HttpClient { BaseAddress = url, Timeout = Deadline };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        _asking = new Repeated(paths.Length, index => AskAsync(paths[index]));
    }

    public sealed record Answer(string Path, int Status, string? RetryAfter, string Body, TimeSpan Took, long At);

    public IReadOnlyList<Answer> Answers => [.. _answers];

    /// <summary>One client for each path, below api/v1.</summary>
    public static SteadyCaller Start(Uri url, string token, params string[] paths) => new(url, token, paths);

    /// <summary>Since when all answers have been 200, of which there are enough to believe it.</summary>
    public TimeSpan? SteadySince(long start)
    {
        var answers = Answers;
        var bad = answers.Where(answer => answer.Status != 200).Select(answer => answer.At).DefaultIfEmpty(start).Max();
        return _paths.All(path => answers.Count(answer => answer.Path == path && answer.At > bad) >= 10) ? Stopwatch.GetElapsedTime(start, bad) : null;
    }

    /// <summary>Asks no more, and lets what was asked come back.</summary>
    public Task StopAsync() => _asking.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _asking.DisposeAsync();
        _http.Dispose();
    }

    private async Task AskAsync(string path)
    {
        var asked = Stopwatch.GetTimestamp();
        using var answer = await _http.GetAsync($"api/v1/{path}");
        var body = answer.StatusCode == HttpStatusCode.OK ? "" : await answer.Content.ReadAsStringAsync();
        _answers.Enqueue(new Answer(path, (int)answer.StatusCode, answer.Headers.RetryAfter?.ToString(), body, Stopwatch.GetElapsedTime(asked), Stopwatch.GetTimestamp()));
    }
}
