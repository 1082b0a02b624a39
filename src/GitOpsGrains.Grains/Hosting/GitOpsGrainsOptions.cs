namespace GitOpsGrains.Grains.Hosting;

/// <summary>Settings of the control plane itself.</summary>
public sealed class GitOpsGrainsOptions
{
    /// <summary>
    /// Name of this installation, part of every managed object's annotation. Set at the first start and stored; another
    /// name later stops the start. A DNS-1123 name of at most 63 characters. Default: default.
    /// </summary>
    public string Installation { get; set; } = "default";

    /// <summary>Annotations whose values are shown as *** in diffs and drift, of objects of any kind. Default: none.</summary>
    public IList<string> MaskedAnnotations { get; } = [];

    /// <summary>
    /// Requests in a second, on average, that polls send to one Git server from one silo; webhooks, refreshes and fetches have
    /// as many again. Default: 50.
    /// </summary>
    public double GitRequestsPerSecond { get; set; } = 50;

    /// <summary>How many of each may be sent at once after a quiet time. Default: 200.</summary>
    public int GitRequestBurst { get; set; } = 200;

    /// <summary>Who makes the commits of rollbacks.</summary>
    public CommitterOptions Committer { get; } = new();
}

public sealed class CommitterOptions
{
    /// <summary>Default: GitOpsGrains.</summary>
    public string Name { get; set; } = "GitOpsGrains";

    /// <summary>Default: gitopsgrains@localhost.</summary>
    public string Email { get; set; } = "gitopsgrains@localhost";
}
