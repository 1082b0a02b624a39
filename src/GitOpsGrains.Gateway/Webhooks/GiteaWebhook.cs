using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Gitea and Forgejo: X-Gitea-Signature is the HMAC of the body, without a prefix.</summary>
internal sealed class GiteaWebhook : WebhookProvider
{
    public override string Name => "gitea";

    protected override string DeliveryHeader => "X-Gitea-Delivery";

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now) =>
        Signatures.IsHex(headers["X-Gitea-Signature"].ToString(), "", secret, body);

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) => headers["X-Gitea-Event"].ToString() is "push" or "create" or "delete";

    public override IEnumerable<string?> Urls(JsonElement payload) =>
        [payload.Text("repository", "clone_url"), payload.Text("repository", "ssh_url"), payload.Text("repository", "html_url")];
}
