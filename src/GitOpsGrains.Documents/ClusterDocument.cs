namespace GitOpsGrains.Documents;

/// <summary>A Kubernetes API endpoint. Its labels are what <see cref="ClusterSelector"/> chooses by.</summary>
public sealed record ClusterDocument : Document
{
    public override string Kind => DocumentKinds.Cluster;

    public ClusterSpec Spec { get; init; } = new();
}

/// <summary>Exactly one of <see cref="Kubeconfig"/>, <see cref="KubeconfigFrom"/> and <see cref="InCluster"/> is set.</summary>
public sealed record ClusterSpec : Extensible
{
    public KubeconfigSpec? Kubeconfig { get; init; }

    public SecretReference? KubeconfigFrom { get; init; }

    /// <summary>Admin field: the cluster that the server itself runs in, by its service account. Default: false.</summary>
    public bool InCluster { get; init; }

    /// <summary>Only these namespaces are watched and written; none means the whole cluster.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];
}

public sealed record KubeconfigSpec : Extensible
{
    /// <summary>Admin field: an absolute path below one of the allowed directories.</summary>
    public string File { get; init; } = "";

    /// <summary>Null: the file's current context.</summary>
    public string? Context { get; init; }
}
