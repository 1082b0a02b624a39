namespace GitOpsGrains.Cli;

/// <summary>What scripts rely on.</summary>
public static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;
    public const int TimedOut = 3;

    /// <summary><c>app diff</c> only: there are differences.</summary>
    public const int Different = 1;

    /// <summary><c>app diff</c> and <c>app rollback --dry-run</c> only: it could not be told.</summary>
    public const int DiffFailed = 4;
}
