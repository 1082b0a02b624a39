using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Answers;
using GitOpsGrains.Kubernetes.Budget;

namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>One request to an API server.</summary>
/// <param name="Path">Below the server's address, with its query, escaped.</param>
internal sealed record ClusterRequest(HttpMethod Method, string Path)
{
    public string Accept { get; init; } = MediaTypes.Json;

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Null for a request without a body.</summary>
    public string? ContentType { get; init; }

    /// <summary>It may change the cluster: a dry run is taken for one, as its sender knows no better.</summary>
    public bool IsWrite => Method != HttpMethod.Get;

    public RequestLane Lane { get; init; }

    /// <summary>Sent past the budget, and while the circuit is open.</summary>
    public bool IsProbe { get; init; }

    /// <summary>The body is a Secret: refusals may quote it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Asked just before each sending, after the wait for a turn; false: not sent, answered as a conflict. Null: always sent.</summary>
    public Func<bool>? MaySend { get; init; }

    public SecretMask Mask => new(IsSecret, Body);

    public static bool IsSecretKind(ApiResource resource) => resource is { Group: "", Kind: "Secret" };
}
