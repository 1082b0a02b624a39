using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Testing;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>Drives a silo by REST, as any client does.</summary>
internal sealed class SiloClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;

    public SiloClient(Uri url, string token)
    {
        _http = new HttpClient { BaseAddress = new Uri(url, "/api/v1/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task ApplyAsync(string documents) =>
        await SendAsync(HttpMethod.Post, "apply", new StringContent(documents, Encoding.UTF8, "application/yaml"));

    /// <summary>An automatic, self-healing application of the repository "fleet".</summary>
    public static string Application(string name, string path, string space, bool automated = true, string cluster = "bench", bool preflight = true) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: {{name}}}
        spec:
          source: {repository: fleet, ref: main, path: {{path}}}
          destination: {clusters: [{{cluster}}], namespace: {{space}}}
          sync: {automated: {{(automated ? "true" : "false")}}, selfHeal: true, prune: true, preflight: {{(preflight ? "true" : "false")}} }
          driftCheck: {interval: 1h, deepInterval: 1h}

        """;

    public Task<JsonElement> RefreshAsync(string application) => CommandAsync(HttpMethod.Post, $"applications/default/{application}:refresh");

    public Task<JsonElement> SyncAsync(string application) => CommandAsync(HttpMethod.Post, $"applications/default/{application}:sync");

    /// <summary>Dry-runs all that differs from Git.</summary>
    public Task<JsonElement> DryRunAsync(string application) =>
        CommandAsync(HttpMethod.Post, $"applications/default/{application}:sync", new StringContent("""{"dryRun":true}""", Encoding.UTF8, "application/json"));

    /// <summary>Deletes the application with its objects and waits until they are gone.</summary>
    public Task<JsonElement> DeleteAsync(string application) => CommandAsync(HttpMethod.Delete, $"applications/default/{application}?cascade=background");

    public Task WaitSyncedAsync(string application, string commit) => Eventually.GetAsync(
        async () => Status(await SendAsync(HttpMethod.Get, $"applications/default/{application}")),
        seen => seen == ("Synced", commit), $"{application} in sync at {commit}", Patience);

    /// <summary>It is rendered, and differs from the cluster.</summary>
    public Task WaitOutOfSyncAsync(string application, string commit) => Eventually.GetAsync(
        async () => Status(await SendAsync(HttpMethod.Get, $"applications/default/{application}")),
        seen => seen == ("OutOfSync", commit), $"{application} out of sync at {commit}", Patience);

    /// <summary>All applications are in sync at the commit.</summary>
    public Task WaitAllSyncedAsync(int count, string commit, TimeSpan? patience = null) => Eventually.GetAsync(
        // The number alone is cheap to ask for again and again; the commits are read when it is right.
        async () => await TotalSyncedAsync() is var total && total < count ? total : await CountSyncedAsync(commit), seen => seen == count, $"{count} applications in sync at {commit}", patience ?? Patience);

    private async Task<int> TotalSyncedAsync() => (await SendAsync(HttpMethod.Get, "applications?limit=1&sync=Synced")).GetProperty("total").GetInt32();

    public async Task<int> CountReadyClustersAsync() =>
        await CountAsync("clusters?limit=500", static cluster => cluster.GetProperty("status").GetProperty("state").GetString() == "Ready");

    /// <summary>Says that the cluster belongs to this installation now; false while that is refused, as before the first contact.</summary>
    public async Task<bool> TryTakeOverAsync(string cluster)
    {
        using var answer = await _http.PostAsync(new Uri($"clusters/{cluster}:takeover", UriKind.Relative), null);
        return answer.IsSuccessStatusCode;
    }

    public Task WaitClusterReadyAsync(string cluster) => Eventually.GetAsync(
        async () => (await SendAsync(HttpMethod.Get, $"clusters/{cluster}")).GetProperty("status").GetProperty("state").GetString(),
        state => state == "Ready", $"cluster {cluster} ready", Patience);

    public void Dispose() => _http.Dispose();

    private Task<int> CountSyncedAsync(string commit) => CountAsync("applications?limit=500&sync=Synced", item => Status(item) == ("Synced", commit));

    private async Task<int> CountAsync(string list, Predicate<JsonElement> isCounted)
    {
        var (count, next) = (0, "");
        while (true)
        {
            var page = await SendAsync(HttpMethod.Get, list + next);
            count += page.GetProperty("items").EnumerateArray().Count(item => isCounted(item));
            if (!page.TryGetProperty("continue", out var token) || token.GetString() is not { } more) return count;
            next = $"&continue={Uri.EscapeDataString(more)}";
        }
    }

    private static (string? Sync, string? Revision) Status(JsonElement application)
    {
        var status = application.GetProperty("status");
        return (status.GetProperty("sync").GetString(), status.GetProperty("revision").GetString());
    }

    /// <summary>Waits for the end of what was asked for. Errors: <see cref="InvalidOperationException"/> if it did not succeed.</summary>
    private async Task<JsonElement> CommandAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        var id = (await SendAsync(method, path, content)).GetProperty("id").GetString()!;
        while (true)
        {
            var operation = await SendAsync(HttpMethod.Get, $"operations/{id}?wait=20s");
            var phase = operation.GetProperty("phase").GetString();
            if (phase == "Succeeded") return operation;
            if (phase is "Failed" or "Terminated") throw new InvalidOperationException($"{path}: {operation}");
        }
    }

    /// <summary>Asks again while the answer is 503: a silo that was killed is being replaced.</summary>
    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        var bytes = content is null ? null : await content.ReadAsByteArrayAsync();
        var (status, body) = await Eventually.GetAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(method, path) { Content = bytes is null ? null : new ByteArrayContent(bytes) { Headers = { ContentType = content!.Headers.ContentType } } };
                using var answer = await _http.SendAsync(request);
                return (answer.StatusCode, Body: await answer.Content.ReadAsByteArrayAsync());
            },
            answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable, $"an answer to {path}", Patience);
        return (int)status < 300
            ? JsonDocument.Parse(body).RootElement
            : throw new InvalidOperationException($"{method} {path}: {(int)status} {Encoding.UTF8.GetString(body)}");
    }

    /// <summary>How many clusters each silo serves.</summary>
    public async Task<IReadOnlyList<int>> CountClustersOfSilosAsync() =>
        [.. (await SendAsync(HttpMethod.Get, "silos")).GetProperty("items").EnumerateArray().Select(silo => silo.GetProperty("clusters").GetArrayLength())];
}
