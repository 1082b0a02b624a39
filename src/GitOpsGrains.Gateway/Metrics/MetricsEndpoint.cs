using GitOpsGrains.Gateway.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary><c>GET /metrics</c>: counts of this process in the text format of Prometheus; without a token, as the probes.</summary>
internal static class MetricsEndpoint
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void Map(WebApplication app)
    {
        // Made before anything runs that measures: what is missed here is missed for good.
        ApiInstruments.Publish();
        WebhookInstruments.Publish();
        var export = app.Services.GetRequiredService<MeterExport>();
        app.MapGet("/metrics", context => AnswerAsync(context, export)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext context, MeterExport export)
    {
        var text = await export.ReadAsync(context.RequestAborted);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
