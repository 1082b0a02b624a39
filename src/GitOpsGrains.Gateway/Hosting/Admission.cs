using System.Threading.RateLimiting;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// How many requests are worked on at once: more than that wait, and of those that are too many each is told so at once. What
/// the silos do by themselves is never behind a queue of questions. Streams are counted apart: they stay, and cost little.
/// </summary>
internal sealed class Admission(GatewayListeners listeners) : IDisposable
{
    private const int WaitingForEach = 8;
    private const int StreamsForEach = 32;

    private readonly ConcurrencyLimiter _requests = New(listeners.AtOnce, listeners.AtOnce * WaitingForEach);
    private readonly ConcurrencyLimiter _streams = New(listeners.AtOnce * StreamsForEach, 0);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using var lease = await AcquireAsync(context);
        if (!lease.IsAcquired)
        {
            ApiInstruments.Throttled(context.Request);
            throw new TooManyRequestsException();
        }
        await next(context);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _streams.Dispose();
    }

    private async ValueTask<RateLimitLease> AcquireAsync(HttpContext context)
    {
        ApiInstruments.Waits(1);
        try
        {
            return await (IsStream(context.Request.Path) ? _streams : _requests).AcquireAsync(1, context.RequestAborted);
        }
        finally
        {
            ApiInstruments.Waits(-1);
        }
    }

    internal static bool IsStream(PathString path) =>
        path.StartsWithSegments("/api/v1/watch", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments($"/{V1.Fleet.Descriptor.FullName}/Watch", StringComparison.Ordinal);

    private static ConcurrencyLimiter New(int permits, int waiting) =>
        new(new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}
