using GitOpsGrains.Documents;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>Which webhooks are believed, and how often one source may send them.</summary>
public sealed record WebhookOptions
{
    /// <summary>By provider: where its secret is. A provider without one is refused. Setting: <c>Webhooks:PROVIDER:SecretFrom:File|Env</c>.</summary>
    public IReadOnlyDictionary<string, SecretReference> Secrets { get; init; } = new Dictionary<string, SecretReference>();

    /// <summary>Requests that one source (an IPv4 address or an IPv6 /64) may send in a second, on average. Default: 50.</summary>
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests that one source may send at once. Default: 1000.</summary>
    public int Burst { get; init; } = 1000;

    /// <summary>Bodies that are read at the same time. Default: 32, of at most 1 MB each, and half of them of one source; 32 times as many wait, for 10 s at most.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<string> Providers { get; } = [.. WebhookProvider.All.Select(provider => provider.Name)];
}
