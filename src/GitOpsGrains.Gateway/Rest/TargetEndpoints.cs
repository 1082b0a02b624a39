using System.Text;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GitOpsGrains.Gateway.Rest;

/// <summary>A look at one target of an application: manifests, events, logs.</summary>
internal static class TargetEndpoints
{
    private const string Yaml = "application/yaml";
    private static readonly string[] YamlTypes = [Yaml, "application/x-yaml", "text/yaml"];

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/applications/{project}/{name}");
        group.MapGet("/manifests", ManifestsAsync).Produces(StatusCodes.Status200OK, null, "application/json", Yaml);
        group.MapGet("/events", EventsAsync);
        group.MapGet("/logs", LogsAsync).RequireAuthorization(Rights.ReadLogs);
    }

    private static async Task<IResult> ManifestsAsync(
        TargetFacade targets, HttpRequest request, string project, string name, string? cluster, string? revision, int? limit, [FromQuery(Name = "continue")] string? after, CancellationToken cancellationToken)
    {
        var key = Names.Application(project, name);
        if (!WantsYaml(request)) return Results.Json(await targets.GetManifestsAsync(key, cluster, revision, limit, after, cancellationToken), DocumentJson.Rest);
        if (limit is not null || !string.IsNullOrEmpty(after)) return Problems.Invalid("limit and continue are for JSON: YAML is all of it");
        // What is refused is refused before the answer begins.
        var first = await targets.GetManifestsAsync(key, cluster, revision, ListQuery.MaxLimit, null, cancellationToken);
        return new YamlResult(ManifestYaml.Head(key, first), first, next => targets.GetManifestsAsync(key, first.Cluster, revision, ListQuery.MaxLimit, next, cancellationToken));
    }

    private static async Task<IResult> EventsAsync(
        TargetFacade targets, string project, string name, string? cluster, string? @object, int? limit, [FromQuery(Name = "continue")] string? after, CancellationToken cancellationToken) =>
        Results.Json(await targets.GetEventsAsync(Names.Application(project, name), cluster, @object, limit, after, cancellationToken), DocumentJson.Rest);

    private static async Task<IResult> LogsAsync(
        TargetFacade targets, string project, string name, string? cluster, string? @object, string? container, int? tail, CancellationToken cancellationToken) =>
        Results.Json(await targets.GetLogsAsync(Names.Application(project, name), cluster, @object, container, tail, cancellationToken), DocumentJson.Rest);

    private static bool WantsYaml(HttpRequest request) => request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Value is { } type
        && YamlTypes.Contains(type, StringComparer.OrdinalIgnoreCase);

    /// <summary>Page by page: an answer that can't go on breaks off, so that nobody takes a part for the whole.</summary>
    private sealed class YamlResult(string head, ManifestsView first, Func<string, Task<ManifestsView>> next) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = Yaml;
            await WriteAsync(httpContext, head);
            for (var page = first; ; page = await next(page.Continue))
            {
                await WriteAsync(httpContext, ManifestYaml.Of(page.Items));
                if (page.Continue is null) return;
            }
        }

        private static Task WriteAsync(HttpContext context, string text) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted).AsTask();
    }
}
