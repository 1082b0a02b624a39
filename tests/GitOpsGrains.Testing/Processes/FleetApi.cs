using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Testing.Processes;

/// <summary>
/// REST of a running silo. Applications are named "project/name". All methods fail with the problem in the message
/// (<see cref="HttpRequestException"/>) unless the answer is a success.
/// </summary>
public sealed class FleetApi(Uri url, Func<string> token) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { BaseAddress = url };

    public async Task<bool> IsReadyAsync()
    {
        using var answer = await _http.GetAsync("readyz");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    public async Task<bool> IsAliveAsync()
    {
        using var answer = await _http.GetAsync("healthz");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>The JSON of an answer, as it came.</summary>
    public async Task<string> TextAsync(string path)
    {
        using var answer = await AnswerAsync(HttpMethod.Get, $"api/v1/{path}", null);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<ApplyResponse> ApplyAsync(string documents)
    {
        using var content = new StringContent(documents, Encoding.UTF8, "application/yaml");
        return await SendAsync<ApplyResponse>(HttpMethod.Post, "api/v1/apply", content);
    }

    public Task<ApplicationView> ApplicationAsync(string name) => SendAsync<ApplicationView>(HttpMethod.Get, $"api/v1/applications/{name}");

    /// <summary>The application's status, or null when there is no such application.</summary>
    public async Task<ApplicationStatusView?> FindStatusAsync(string name)
    {
        try
        {
            return (await ApplicationAsync(name)).Status;
        }
        catch (HttpRequestException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<TargetView> TargetAsync(string application, string cluster) =>
        SendAsync<TargetView>(HttpMethod.Get, $"api/v1/applications/{application}/targets/{cluster}");

    public async Task<IReadOnlyList<HistoryView>> HistoryAsync(string application) =>
        (await SendAsync<ListView<HistoryView>>(HttpMethod.Get, $"api/v1/applications/{application}/history")).Items;

    public Task<OperationView> OperationAsync(string id) => SendAsync<OperationView>(HttpMethod.Get, $"api/v1/operations/{id}");

    public Task<ClusterView> ClusterAsync(string name) => SendAsync<ClusterView>(HttpMethod.Get, $"api/v1/clusters/{name}");

    public Task<RepositoryView> RepositoryAsync(string name) => SendAsync<RepositoryView>(HttpMethod.Get, $"api/v1/repositories/{name}");

    /// <summary>Deletes a repository, cluster or project by its path below the API: "clusters/eu".</summary>
    public async Task DeleteAsync(string path) => (await AnswerAsync(HttpMethod.Delete, $"api/v1/{path}", null)).Dispose();

    /// <summary>sync, refresh, suspend, resume, …; returns the operation as it ended.</summary>
    public Task<OperationView> CommandAsync(string application, string verb) =>
        FinishAsync(SendAsync<OperationView>(HttpMethod.Post, $"api/v1/applications/{application}:{verb}"));

    /// <summary>Gives a cluster to this installation.</summary>
    public async Task TakeOverAsync(string cluster) => (await AnswerAsync(HttpMethod.Post, $"api/v1/clusters/{cluster}:takeover", null)).Dispose();

    /// <summary>Starts a command and returns at once.</summary>
    public Task<OperationView> StartAsync(string application, string verb) => SendAsync<OperationView>(HttpMethod.Post, $"api/v1/applications/{application}:{verb}");

    /// <summary>Deletes an application and waits for the end of that.</summary>
    public Task<OperationView> DeleteApplicationAsync(string application, string? cascade = null) =>
        FinishAsync(SendAsync<OperationView>(HttpMethod.Delete, $"api/v1/applications/{application}{(cascade is null ? "" : "?cascade=" + cascade)}"));

    /// <summary>Waits until an application's status is as wanted and returns it.</summary>
    public async Task<ApplicationStatusView> WaitAsync(
        string application, Predicate<ApplicationStatusView> isWanted, string wanted, TimeSpan? deadline = null)
    {
        var text = "";
        try
        {
            return await Eventually.GetAsync(async () =>
            {
                var status = (await ApplicationAsync(application)).Status;
                text = JsonSerializer.Serialize(status, DocumentJson.Rest);
                return status;
            }, isWanted, wanted, deadline);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{text}");
        }
    }

    /// <summary>Waits until an application is Synced at a commit.</summary>
    public Task<ApplicationStatusView> WaitSyncedAsync(string application, string commit, TimeSpan? deadline = null) =>
        WaitAsync(application, status => status.Sync == "Synced" && status.Revision == commit, $"{application} Synced at {commit}", deadline);

    /// <summary>Asks Git now, and waits until the application is Synced at a commit.</summary>
    public async Task<ApplicationStatusView> SyncedAfterRefreshAsync(string application, string commit, TimeSpan? deadline = null)
    {
        await StartAsync(application, "refresh");
        return await WaitSyncedAsync(application, commit, deadline);
    }

    /// <summary>Changes as they happen, bookmarks too, until it is cancelled.</summary>
    /// <param name="after">The last sequence that was seen; null: from now on.</param>
    public async IAsyncEnumerable<SseItem<WatchEventView>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken, string? after = null)
    {
        using var answer = await AnswerAsync(HttpMethod.Get, after is null ? "api/v1/watch" : $"api/v1/watch?after={after}", null, cancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<WatchEventView>(data, DocumentJson.Rest)!);
        await foreach (var item in events.EnumerateAsync(cancellationToken)) yield return item;
    }

    public void Dispose() => _http.Dispose();

    private async Task<OperationView> FinishAsync(Task<OperationView> starting)
    {
        var operation = await starting;
        return await Eventually.GetAsync(
            () => SendAsync<OperationView>(HttpMethod.Get, $"api/v1/operations/{operation.Id}?wait=10s"),
            seen => seen.Phase is not (OperationPhase.Pending or OperationPhase.Running), "the end of the operation", LongestWait);
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content = null)
    {
        using var answer = await AnswerAsync(method, path, content);
        return (await answer.Content.ReadFromJsonAsync<T>(DocumentJson.Rest))!;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.IsSuccessStatusCode) return answer;
        var problem = await answer.Content.ReadAsStringAsync(cancellationToken);
        answer.Dispose();
        throw new HttpRequestException($"{method} {path}: {(int)answer.StatusCode} {problem}", null, answer.StatusCode);
    }
}
