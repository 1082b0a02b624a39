namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>Which files and variables of this machine a reference may name: the same limits as when documents are checked.</summary>
public sealed class SecretOptions
{
    /// <summary>Files may lie anywhere. Default: false.</summary>
    public bool AnyDirectory { get; set; }

    /// <summary>Absolute directories that files must lie below, after all links. Default: none.</summary>
    public IList<string> Directories { get; } = [];

    /// <summary>Default: GITOPSGRAINS_SECRET_.</summary>
    public string EnvironmentPrefix { get; set; } = "GITOPSGRAINS_SECRET_";
}
