using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>GitHub: X-Hub-Signature-256 is the HMAC of the body. A push of branches and tags, their creation and deletion.</summary>
internal sealed class GitHubWebhook : WebhookProvider
{
    public override string Name => "github";

    protected override string DeliveryHeader => "X-GitHub-Delivery";

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now) =>
        Signatures.IsHex(headers["X-Hub-Signature-256"].ToString(), "sha256=", secret, body);

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) => headers["X-GitHub-Event"].ToString() is "push" or "create" or "delete";

    public override IEnumerable<string?> Urls(JsonElement payload) =>
        [payload.Text("repository", "clone_url"), payload.Text("repository", "ssh_url"), payload.Text("repository", "html_url")];
}
