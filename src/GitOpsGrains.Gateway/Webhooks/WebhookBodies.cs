using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Reads bodies, a bounded number at a time, half of them from one address at most: anybody may send slowly.</summary>
internal sealed class WebhookBodies(WebhookOptions options, TimeProvider time) : IDisposable
{
    public const int MaxBytes = 1024 * 1024;
    private const int WaitingForEach = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lane _places = new(options.Concurrency, options.Concurrency * WaitingForEach, time);

    /// <summary>
    /// Null when there are more bytes than allowed. Errors: <see cref="TimeoutException"/> for a sender that takes more than 10 s,
    /// <see cref="TooManyOfOneClientException"/>, <see cref="TooManyRequestsException"/>.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>?> TakeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) return null;
        using var place = await EnterAsync(request, cancellationToken);
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await ReadAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the body did not come in time");
        }
    }

    private async ValueTask<IDisposable> EnterAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _places.EnterAsync(Clients.AddressOf(request.HttpContext.Connection.RemoteIpAddress), cancellationToken);
        }
        catch (Exception refused) when (refused is TooManyRequestsException or TooManyOfOneClientException)
        {
            ApiInstruments.Throttled(request);
            throw;
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Counted here, where the answer is ours.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = null;
        using var kept = new MemoryStream((int)(request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (kept.Length + read > MaxBytes) return null;
            kept.Write(buffer, 0, read);
        }
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }

    public void Dispose() => _places.Dispose();
}
