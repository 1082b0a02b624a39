using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// How many requests are worked on at once: more than that wait, and of those that are too many each is told so at once. What
/// the silos do by themselves is never behind a queue of questions. Streams are counted apart: they stay, and cost little.
/// </summary>
internal sealed class Admission(GatewayListeners listeners, Clients clients, TimeProvider time) : IDisposable
{
    private const int WaitingForEach = 8;
    private const int StreamsForEach = 32;

    private readonly Lane _requests = new(listeners.AtOnce, listeners.AtOnce * WaitingForEach, time);
    private readonly Lane _streams = new(listeners.AtOnce * StreamsForEach, 0, time);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using var place = await EnterAsync(context);
        await next(context);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _streams.Dispose();
    }

    private async ValueTask<IDisposable> EnterAsync(HttpContext context)
    {
        ApiInstruments.Waits(1);
        try
        {
            return await (IsStream(context.Request.Path) ? _streams : _requests).EnterAsync(clients.NameOf(context), context.RequestAborted);
        }
        catch (Exception refused) when (refused is TooManyRequestsException or TooManyOfOneClientException)
        {
            ApiInstruments.Throttled(context.Request);
            throw;
        }
        finally
        {
            ApiInstruments.Waits(-1);
        }
    }

    internal static bool IsStream(PathString path) =>
        path.StartsWithSegments("/api/v1/watch", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments($"/{V1.Fleet.Descriptor.FullName}/Watch", StringComparison.Ordinal);
}
