namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>How a test's API server runs.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Runs the controller manager too: Deployments make ReplicaSets and pods, namespaces are emptied, owners collect.</summary>
    public bool ControllerManager { get; init; }

    /// <summary>Waits for the disk, as in production: takes an etcd of its own. For benchmarks. Default: false.</summary>
    public bool Fsync { get; init; }

    /// <summary>An etcd of its own: for tests that compact, restore or stop it. Default: false.</summary>
    public bool OwnEtcd { get; init; }

    /// <summary>Users beside "admin" (group system:masters). Each has a token; what they may do is for the test to grant.</summary>
    public IReadOnlyList<TestUser> Users { get; init; } = [];

    public IReadOnlyList<string> ExtraFlags { get; init; } = [];
}

/// <summary>A user of the API server, known by a token.</summary>
public sealed record TestUser(string Name, string Token, string Group = "testers");
