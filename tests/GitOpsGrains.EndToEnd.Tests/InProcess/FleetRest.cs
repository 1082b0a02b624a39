using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>The REST API as a client sees it. Paths are relative to <c>/api/v1/</c>.</summary>
public sealed class FleetRest : IDisposable
{
    public const string Yaml = "application/yaml";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public FleetRest(Uri url, string? token)
    {
        Http = new HttpClient { BaseAddress = new Uri(url, "/api/v1/") };
        if (token is not null) Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>For requests that no method here makes.</summary>
    public HttpClient Http { get; }

    /// <summary>Stores documents. Errors: <see cref="RestException"/> with the problem, as all methods here.</summary>
    public Task<ApplyResponse> ApplyAsync(string documents) => SendAsync<ApplyResponse>(HttpMethod.Post, "apply", documents);

    public Task<T> GetAsync<T>(string path) => SendAsync<T>(HttpMethod.Get, path);

    public Task<ApplicationView> GetApplicationAsync(string name) => GetAsync<ApplicationView>($"applications/default/{name}");

    public Task<TargetView> GetTargetAsync(string name, string cluster) => GetAsync<TargetView>($"applications/default/{name}/targets/{cluster}");

    /// <summary>sync, refresh, approve, … of an application; returns when the operation is over.</summary>
    public async Task<OperationView> CommandAsync(string application, string verb, string? body = null)
    {
        var operation = await SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{application}:{verb}", body, "application/json");
        var begun = Stopwatch.GetTimestamp();
        while (operation.Phase is OperationPhase.Pending or OperationPhase.Running)
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience) throw new TimeoutException($"{verb} of {application} did not end within {Patience.TotalSeconds:0} s: {operation}");
            operation = await GetAsync<OperationView>($"operations/{operation.Id}?wait=5s");
        }
        return operation;
    }

    public async Task<T> SendAsync<T>(HttpMethod method, string path, string? body = null, string contentType = Yaml)
    {
        var answer = await TrySendAsync(method, path, body, contentType);
        return answer.Problem is null
            ? JsonSerializer.Deserialize<T>(answer.Body, DocumentJson.Rest)!
            : throw new RestException(answer.Status, answer.Problem);
    }

    /// <summary>The answer as it is, good or bad.</summary>
    public async Task<RestAnswer> TrySendAsync(HttpMethod method, string path, string? body = null, string contentType = Yaml)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        using var answer = await Http.SendAsync(request);
        return await RestAnswer.ReadAsync(answer);
    }

    public void Dispose() => Http.Dispose();
}

/// <param name="Problem">Null for a success.</param>
public sealed record RestAnswer(HttpStatusCode Status, string Body, string? ContentType, ProblemView? Problem)
{
    public static async Task<RestAnswer> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        var type = answer.Content.Headers.ContentType?.MediaType;
        ProblemView? problem = null;
        if (!answer.IsSuccessStatusCode)
            problem = type == ProblemView.MediaType ? JsonSerializer.Deserialize<ProblemView>(body, DocumentJson.Rest) : new ProblemView { Detail = body };
        return new RestAnswer(answer.StatusCode, body, type, problem);
    }
}

/// <summary>An answer that is no success.</summary>
public sealed class RestException(HttpStatusCode status, ProblemView problem)
    : Exception($"{(int)status}: {problem.Detail} {string.Join("; ", problem.Faults ?? [])}")
{
    public HttpStatusCode Status { get; } = status;
    public ProblemView Problem { get; } = problem;
}
