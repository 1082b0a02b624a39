using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>
/// For everything else: X-Timestamp holds the seconds since 1970, X-Signature is "sha256=" and the HMAC of that text, a dot
/// and the body; the body is <c>{"repository": {"url": "https://…"}}</c>. X-Delivery may number the deliveries.
/// </summary>
internal sealed class GenericWebhook : WebhookProvider
{
    public override string Name => "generic";

    protected override string DeliveryHeader => "X-Delivery";

    /// <summary>Its bytes are mostly the same for each push: what is not numbered is told apart by its signed time.</summary>
    public override string DeliveryOf(IHeaderDictionary headers) =>
        base.DeliveryOf(headers) is { Length: > 0 } number ? number : headers["X-Timestamp"].ToString();

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now)
    {
        var seconds = headers["X-Timestamp"].ToString();
        return Signatures.IsHex(headers["X-Signature"].ToString(), "sha256=", secret, Signatures.Bytes(seconds + "."), body) & Signatures.IsRecent(seconds, now);
    }

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) => true;

    public override IEnumerable<string?> Urls(JsonElement payload) => [payload.Text("repository", "url")];
}
