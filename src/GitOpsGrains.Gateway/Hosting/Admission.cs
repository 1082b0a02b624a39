using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// How many requests are worked on at once: more than that wait, and of those that are too many each is told so at once. What
/// the silos do by themselves is never behind a queue of questions. What is held until something happens is counted apart: it
/// stays, and costs little.
/// </summary>
internal sealed class Admission(GatewayListeners listeners, Clients clients, TimeProvider time) : IDisposable
{
    private const int WaitingForEach = 8;
    private const int HeldForEach = 32;
    private static readonly string Fleet = $"/{V1.Fleet.Descriptor.FullName}";

    private readonly Lane _requests = new(listeners.AtOnce, listeners.AtOnce * WaitingForEach, time);
    private readonly Lane _held = new(listeners.AtOnce * HeldForEach, 0, time);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using var place = await EnterAsync(context);
        await next(context);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _held.Dispose();
    }

    private async ValueTask<IDisposable> EnterAsync(HttpContext context)
    {
        ApiInstruments.Waits(1);
        try
        {
            return await (IsHeld(context.Request) ? _held : _requests).EnterAsync(clients.NameOf(context), context.RequestAborted);
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

    /// <summary>Watches, and questions that wait for the end of an operation; those of gRPC say only in their body whether they wait.</summary>
    internal static bool IsHeld(HttpRequest request) =>
        Is(request, "/api/v1/watch") || Is(request, $"{Fleet}/Watch") || Is(request, $"{Fleet}/GetOperation") || (Is(request, "/api/v1/operations") && request.Query.ContainsKey("wait"));

    private static bool Is(HttpRequest request, string path) => request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase);
}
