using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using GitOpsGrains.Gateway.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>What is counted of requests, whichever face they come to. Probes, pages and descriptions are not.</summary>
internal static class ApiInstruments
{
    public const string MeterName = "GitOpsGrains.Gateway.Api";

    private static readonly Meter Meter = new(MeterName);
    private static readonly KeyValuePair<string, object?> Queue = new("queue", "requests");
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("gitopsgrains.api.requests", "{request}", "Requests that were answered, by face, method and class of the answer; those of gRPC by their status.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("gitopsgrains.api.duration", "s", "Time of requests; watches and what waits for the end of an operation apart.");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("gitopsgrains.api.throttled", "{request}", "Requests that were refused because there were too many.");
    private static readonly UpDownCounter<long> Waiting = Meter.CreateUpDownCounter<long>("gitopsgrains.queue.waiting", "{job}", "What waits for its turn, by queue.");

    private static readonly UpDownCounter<long> Open = Meter.CreateUpDownCounter<long>("gitopsgrains.connections", "{connection}", "Connections that are open, of REST and gRPC.");
    private static readonly Counter<long> Closed = Meter.CreateCounter<long>("gitopsgrains.connections.refused", "{connection}", "Connections that were closed at once because there were too many.");

    /// <summary>Makes the instruments, so that they are shown before anything is measured.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(ApiInstruments).TypeHandle);

    public static void Waits(int change) => Waiting.Add(change, Queue);

    public static void Connected(int change) => Open.Add(change);

    public static void ConnectionRefused() => Closed.Add(1);

    public static void Throttled(HttpRequest request) => Refused.Add(1, FaceOf(request));

    public static async Task MeasureAsync(HttpContext context, RequestDelegate next)
    {
        if (!RefusalMiddleware.NeedsSilos(context.Request.Path))
        {
            await next(context);
            return;
        }
        var (started, face) = (Stopwatch.GetTimestamp(), FaceOf(context.Request));
        var answer = "5xx";
        try
        {
            await next(context);
            answer = AnswerOf(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            answer = "none";
            throw;
        }
        finally
        {
            Requests.Add(1, face, new("method", context.Request.Method), new("answer", answer));
            if (!Admission.IsHeld(context.Request)) Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, face);
        }
    }

    private static KeyValuePair<string, object?> FaceOf(HttpRequest request) =>
        new("face", RefusalMiddleware.IsGrpc(request) ? "grpc" : RefusalMiddleware.IsWebhook(request.Path) ? "webhook" : "rest");

    private static string AnswerOf(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested) return "none";
        if (RefusalMiddleware.IsGrpc(context.Request) && StatusOf(context) is { } status) return ClassOf(status);
        return context.Response.StatusCode switch
        {
            StatusCodes.Status429TooManyRequests => "429",
            < 300 => "2xx",
            < 400 => "3xx",
            < 500 => "4xx",
            _ => "5xx",
        };
    }

    /// <summary>Behind the answer, or before one that is nothing else.</summary>
    private static StatusCode? StatusOf(HttpContext context)
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        var text = trailers?["grpc-status"].ToString() is { Length: > 0 } trailing ? trailing : context.Response.Headers["grpc-status"].ToString();
        return int.TryParse(text, out var code) ? (StatusCode)code : null;
    }

    private static string ClassOf(StatusCode status) => status switch
    {
        StatusCode.OK => "2xx",
        StatusCode.ResourceExhausted => "429",
        StatusCode.Unknown or StatusCode.DeadlineExceeded or StatusCode.Unimplemented or StatusCode.Internal or StatusCode.Unavailable or StatusCode.DataLoss => "5xx",
        _ => "4xx",
    };
}
