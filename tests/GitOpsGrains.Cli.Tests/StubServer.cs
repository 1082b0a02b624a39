using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Cli.Tests;

/// <summary>A server on loopback that answers as a test says, by "METHOD path?query"; anything else is 404.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();

    private StubServer(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    public static async Task<StubServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new StubServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Url = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public void On(string request, RequestDelegate answer) => _answers[request] = answer;

    public void OnJson(string request, object body, int status = 200, string? location = null) => On(request, context =>
    {
        context.Response.StatusCode = status;
        if (location is not null) context.Response.Headers.Location = location;
        return WriteAsync(context, "application/json", JsonSerializer.Serialize(body, body.GetType(), DocumentJson.Rest));
    });

    public void OnProblem(string request, ProblemView problem) => On(request, context =>
    {
        context.Response.StatusCode = problem.Status!.Value;
        return WriteAsync(context, ProblemView.MediaType, JsonSerializer.Serialize(problem, DocumentJson.Rest));
    });

    public static Task WriteAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text);
    }

    /// <summary>Says nothing until the client leaves.</summary>
    public static async Task UntilLeftAsync(HttpContext context)
    {
        var left = new TaskCompletionSource();
        await using var leaving = context.RequestAborted.Register(left.SetResult);
        await left.Task;
    }

    public async ValueTask DisposeAsync()
    {
        using var at = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(at.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body, Encoding.UTF8);
        var line = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        _requests.Enqueue(new RecordedRequest(line, await body.ReadToEndAsync(), context.Request.Headers.Authorization.ToString(), context.Request.Headers["Last-Event-ID"].ToString()));
        if (_answers.TryGetValue(line, out var answer)) await answer(context);
        else context.Response.StatusCode = 404;
    }
}

internal sealed record RecordedRequest(string Line, string Body, string Authorization, string LastEventId);
