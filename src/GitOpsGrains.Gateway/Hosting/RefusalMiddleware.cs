using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Grpc;
using GitOpsGrains.Gateway.Rest;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// Refusals of whatever stage, the look at the token included, in the form of the face that was asked: problem details, or a
/// gRPC status where the call has not reached its service.
/// </summary>
internal static class RefusalMiddleware
{
    private static readonly string FleetPath = "/" + V1.Fleet.Descriptor.FullName;

    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (NeedsSilos(context.Request.Path) && context.RequestServices.GetService<ISiloConnection>() is { IsOpen: false })
        {
            // Before the first connection the client knows no grains at all.
            await RefuseAsync(context, new Refusal(RefusalCode.Unavailable, "Service unavailable", Refusal.NoSilo));
            return;
        }
        await AnswerAsync(context, next);
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            // Health, descriptions and pages are answered whatever there is to do; webhooks come from strangers, and have a limit for each.
            if (NeedsSilos(context.Request.Path) && !IsWebhook(context.Request.Path)) await context.RequestServices.GetRequiredService<Admission>().InvokeAsync(context, next);
            else await next(context);
        }
        catch (Exception exception) when (!context.Response.HasStarted && Refusal.Of(exception) is { } refusal)
        {
            var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RefusalMiddleware).FullName!);
            await RefuseAsync(context, refusal.Note(logger, context.Request.Path.ToUriComponent(), exception));
            return;
        }
        if (!IsGrpc(context.Request) || context.Response.HasStarted) return;
        if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
            WriteStatus(context.Response, StatusCode.Unauthenticated, "a token is needed: metadata authorization: Bearer TOKEN");
        else if (context.Response.StatusCode == StatusCodes.Status403Forbidden)
            WriteStatus(context.Response, StatusCode.PermissionDenied, "this token may not do that");
        else if (context.Response.StatusCode == StatusCodes.Status404NotFound)
            WriteStatus(context.Response, StatusCode.Unimplemented, "there is no such service");
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (IsGrpc(context.Request))
        {
            var status = GrpcErrors.Of(refusal);
            WriteStatus(context.Response, status.StatusCode, status.Status.Detail);
            foreach (var detail in status.Trailers.Where(detail => detail.IsBinary)) context.Response.Headers[detail.Key] = Convert.ToBase64String(detail.ValueBytes);
            return Task.CompletedTask;
        }
        if (refusal.RetryAfter is { } pause) context.Response.Headers.RetryAfter = pause.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Problems.Of(refusal).ExecuteAsync(context);
    }

    internal static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    internal static bool NeedsSilos(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || IsWebhook(path) || path.StartsWithSegments(FleetPath, StringComparison.OrdinalIgnoreCase);

    internal static bool IsWebhook(PathString path) => path.StartsWithSegments("/webhooks", StringComparison.OrdinalIgnoreCase);

    /// <summary>A status alone, without a message before it ("trailers only").</summary>
    private static void WriteStatus(HttpResponse response, StatusCode code, string detail)
    {
        response.Clear();
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(detail);
    }
}
