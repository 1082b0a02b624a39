using System.Text.Json;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Gateway.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>
/// <c>POST /webhooks/{provider}</c>, and <c>/{repository}</c> behind it: news of pushes. Needs no token and can bring about nothing but one poll of the
/// repositories that have the pushed URL. Who does not know the secret gets one answer, whatever else is or is not there;
/// who knows it gets another one, whether the repository is known or not.
/// </summary>
internal sealed class WebhookEndpoint(WebhookSecrets secrets, RepositorySecrets repositories, Deliveries deliveries, WebhookBodies bodies, IGrainFactory grains, TimeProvider time)
{
    private const int MaxDepth = 64;
    private const int MaxAddresses = 10;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/webhooks/{provider}", (WebhookEndpoint endpoint, HttpRequest request, string provider, CancellationToken cancellationToken) =>
                endpoint.ReceiveAsync(request, provider, null, cancellationToken))
            .AllowAnonymous().RequireRateLimiting(WebhookLimits.Policy)
            .WithSummary("Takes news of a push from a Git server");
        app.MapPost("/webhooks/{provider}/{repository}", (WebhookEndpoint endpoint, HttpRequest request, string provider, string repository, CancellationToken cancellationToken) =>
                endpoint.ReceiveAsync(request, provider, repository, cancellationToken))
            .AllowAnonymous().RequireRateLimiting(WebhookLimits.Policy)
            .WithSummary("Takes news of a push to one repository, signed with that repository's own secret");
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request, string name, string? repository, CancellationToken cancellationToken)
    {
        if (WebhookProvider.Find(name) is not { } provider)
            return Problems.NotFound($"webhooks come from {string.Join(", ", WebhookProvider.All.Select(known => known.Name))}");
        ReadOnlyMemory<byte> body;
        try
        {
            if (await bodies.TakeAsync(request, cancellationToken) is not { } taken)
                return Counted(name, "TooLarge", Problems.Of(StatusCodes.Status413PayloadTooLarge, "Too large", $"a webhook has at most {WebhookBodies.MaxBytes} bytes"));
            body = taken;
        }
        catch (TimeoutException slow)
        {
            return Counted(name, "TooSlow", Problems.Of(StatusCodes.Status408RequestTimeout, "Too slow", slow.Message));
        }
        return await BelieveAsync(provider, repository, request, body, cancellationToken);
    }

    private async Task<IResult> BelieveAsync(
        WebhookProvider provider, string? repository, HttpRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var name = provider.Name;
        var secret = repository is null ? await secrets.FindAsync(name, cancellationToken) : await repositories.FindAsync(repository, cancellationToken);
        var authentic = provider.IsAuthentic(request.Headers, body, secret ?? secrets.Nobodys, time.GetUtcNow()) & secret is not null;
        if (!authentic) return Counted(name, "Refused", Problems.Of(StatusCodes.Status401Unauthorized, "Unauthorized", "the signature is missing or not valid, or there is no secret for it"));
        var key = Deliveries.KeyOf($"{name}/{repository}", provider.DeliveryOf(request.Headers), body.Span);
        if (!deliveries.TryAdd(key)) return Counted(name, "Repeated", Accepted());
        if (!TryParse(request, body, out var payload)) return Counted(name, "Malformed", Problems.Invalid("the body is no JSON object"));
        using (payload)
        {
            if (!provider.IsPush(request.Headers, payload!.RootElement)) return Counted(name, "Ignored", Accepted());
            try
            {
                await PassOnAsync(provider, repository, payload.RootElement);
            }
            catch
            {
                deliveries.Remove(key);
                throw;
            }
        }
        return Counted(name, "Push", Accepted());
    }

    /// <summary>
    /// To whom it may concern: whether that is anybody is not waited for. A repository's own secret brings about nothing for others:
    /// the repository itself sees whether it has one of the addresses.
    /// </summary>
    private async Task PassOnAsync(WebhookProvider provider, string? repository, JsonElement payload)
    {
        var addresses = provider.Urls(payload).Select(url => url is null ? null : RepositoryAddress.Of(url)).OfType<string>()
            .Distinct(StringComparer.Ordinal).Take(MaxAddresses);
        foreach (var address in addresses)
        {
            if (repository is null) await grains.GetGrain<IRepositoryAddressGrain>(RepositoryAddress.KeyOf(address)).PushedAsync(address);
            else await grains.GetGrain<IRepositoryListener>(repository).OnPushedAsync(address);
        }
    }

    /// <summary>JSON, or a form with the JSON as its field "payload".</summary>
    private static bool TryParse(HttpRequest request, ReadOnlyMemory<byte> body, out JsonDocument? payload)
    {
        payload = null;
        try
        {
            if (request.HasFormContentType)
            {
                if (FormPayload(body) is not { } form) return false;
                body = form;
            }
            payload = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (payload.RootElement.ValueKind == JsonValueKind.Object) return true;
            payload.Dispose();
        }
        catch (JsonException)
        {
            // What is no JSON is the sender's mistake, and answered as such.
        }
        return false;
    }

    private static ReadOnlyMemory<byte>? FormPayload(ReadOnlyMemory<byte> body)
    {
        var text = System.Text.Encoding.UTF8.GetString(body.Span);
        return QueryHelpers.ParseNullableQuery(text) is { } form && form.TryGetValue("payload", out var value) ? Signatures.Bytes(value.ToString()) : null;
    }

    private static IResult Accepted() => Results.StatusCode(StatusCodes.Status202Accepted);

    private static IResult Counted(string provider, string outcome, IResult answer)
    {
        WebhookInstruments.Received.Add(1, new KeyValuePair<string, object?>("provider", provider), new KeyValuePair<string, object?>("outcome", outcome));
        return answer;
    }
}
