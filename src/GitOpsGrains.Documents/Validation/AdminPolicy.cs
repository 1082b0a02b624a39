namespace GitOpsGrains.Documents.Validation;

/// <summary>
/// What the author of a document may refer to on the server's own machine. A plain value: the gateway makes one from the
/// caller's role and the settings.
/// </summary>
public sealed record AdminPolicy
{
    /// <summary>No admin field at all.</summary>
    public static AdminPolicy None { get; } = new();

    /// <summary>An administrator on loopback with embedded storage.</summary>
    public static AdminPolicy Local { get; } = new() { IsAdmin = true, AnyDirectory = true };

    /// <summary>The author has the admin role. Default: false.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Files may lie anywhere. Default: false.</summary>
    public bool AnyDirectory { get; init; }

    /// <summary>Absolute directories that files must lie below: the setting <c>Secrets:Directories</c>.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    public string EnvironmentPrefix { get; init; } = "GITOPSGRAINS_SECRET_";
}
