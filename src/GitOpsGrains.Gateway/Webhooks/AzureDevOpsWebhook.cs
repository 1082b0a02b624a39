using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Azure DevOps: basic authentication, the secret is "USER:PASSWORD" as its service hook has them.</summary>
internal sealed class AzureDevOpsWebhook : WebhookProvider
{
    private const string Basic = "Basic ";
    private const int MaxHeader = 4096;

    public override string Name => "azuredevops";

    public override bool IsAuthentic(IHeaderDictionary headers, ReadOnlyMemory<byte> body, byte[] secret, DateTimeOffset now)
    {
        var header = headers.Authorization.ToString();
        var given = header.Length <= MaxHeader && header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) ? header[Basic.Length..].Trim() : "";
        return Signatures.IsSame(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)));
    }

    public override bool IsPush(IHeaderDictionary headers, JsonElement payload) => payload.Text("eventType") == "git.push";

    public override IEnumerable<string?> Urls(JsonElement payload) => [payload.Text("resource", "repository", "remoteUrl")];
}
