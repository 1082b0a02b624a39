using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Bitbucket Cloud and Data Center: X-Hub-Signature is the HMAC of the body.</summary>
internal sealed class BitbucketWebhook : WebhookProvider
{
    private const int MaxLinks = 8;

    public override string Name => "bitbucket";

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now) =>
        Signatures.IsHex(headers["X-Hub-Signature"].ToString(), "sha256=", secret, body);

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) =>
        headers["X-Event-Key"].ToString() is "repo:push" or "repo:refs_changed" or "mirror:repo_synchronized";

    /// <summary>Cloud names the web page, which is the URL to clone from; Data Center lists the URLs to clone from.</summary>
    public override IEnumerable<string?> Urls(JsonElement payload)
    {
        yield return payload.Text("repository", "links", "html", "href");
        if (payload.Find("repository", "links", "clone") is not { ValueKind: JsonValueKind.Array } links) yield break;
        foreach (var link in links.EnumerateArray().Take(MaxLinks)) yield return link.Text("href");
    }

    public override string DeliveryOf(IHeaderDictionary headers) =>
        headers["X-Request-UUID"].ToString() is { Length: > 0 } cloud ? cloud : headers["X-Request-Id"].ToString();
}
