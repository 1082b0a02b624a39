using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>What one Git server's webhooks look like. Stateless.</summary>
internal abstract class WebhookProvider
{
    /// <summary>As in the address, /webhooks/NAME.</summary>
    public abstract string Name { get; }

    /// <summary>Header with the number of the delivery; "" when there is none.</summary>
    protected virtual string DeliveryHeader => "";

    /// <summary>Whether the sender knows the secret: asked before anything in the body is looked at.</summary>
    public abstract bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now);

    /// <summary>Whether refs of a repository changed; everything else is nothing to this product.</summary>
    public abstract bool IsPush(IHeaderDictionary headers, JsonElement payload);

    /// <summary>The URLs of the repository, all forms that the payload has; may be none.</summary>
    public abstract IEnumerable<string?> Urls(JsonElement payload);

    public virtual string DeliveryOf(IHeaderDictionary headers) => DeliveryHeader.Length == 0 ? "" : headers[DeliveryHeader].ToString();

    public static WebhookProvider? Find(string name) => All.FirstOrDefault(provider => provider.Name == name);

    public static IReadOnlyList<WebhookProvider> All { get; } =
        [new GitHubWebhook(), new GitLabWebhook(), new GiteaWebhook(), new BitbucketWebhook(), new AzureDevOpsWebhook(), new GenericWebhook()];
}
