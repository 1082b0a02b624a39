using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>
/// GitLab: with a signing token the form of Standard Webhooks (webhook-signature over webhook-id, webhook-timestamp and
/// body), else the secret itself in X-Gitlab-Token. A request that is signed must be signed well.
/// </summary>
internal sealed class GitLabWebhook : WebhookProvider
{
    private const string KeyPrefix = "whsec_";

    public override string Name => "gitlab";

    protected override string DeliveryHeader => "X-Gitlab-Event-UUID";

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now)
    {
        var signature = headers["webhook-signature"].ToString();
        if (signature.Length == 0) return Signatures.IsSame(Encoding.UTF8.GetBytes(headers["X-Gitlab-Token"].ToString()), secret);
        var (id, seconds) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
        return Signatures.IsInList(signature, KeyOf(secret), Signatures.Bytes($"{id}.{seconds}."), body) & Signatures.IsRecent(seconds, now);
    }

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) => headers["X-Gitlab-Event"].ToString() switch
    {
        "Push Hook" or "Tag Push Hook" => true,
        // Of the whole server; it says in the body what it is.
        "System Hook" => payload.Text("event_name") is "push" or "tag_push" or "repository_update",
        _ => false,
    };

    public override IEnumerable<string?> Urls(JsonElement payload) =>
    [
        payload.Text("project", "git_http_url"), payload.Text("project", "git_ssh_url"), payload.Text("project", "web_url"),
        payload.Text("repository", "git_http_url"), payload.Text("repository", "git_ssh_url"),
    ];

    public override string DeliveryOf(IHeaderDictionary headers) =>
        headers["webhook-id"].ToString() is { Length: > 0 } id ? id : base.DeliveryOf(headers);

    /// <summary>"whsec_" and base64, as the signing token is shown; anything else is the key as it is.</summary>
    private static byte[] KeyOf(byte[] secret)
    {
        var text = Encoding.UTF8.GetString(secret);
        if (!text.StartsWith(KeyPrefix, StringComparison.Ordinal)) return secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text[KeyPrefix.Length..], key, out var length) ? key[..length] : secret;
    }
}
