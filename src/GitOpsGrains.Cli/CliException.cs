namespace GitOpsGrains.Cli;

/// <summary>An end that is told as <c>error: …</c> with details and a hint what to do next; never shown as a stack trace.</summary>
public sealed class CliException : Exception
{
    public CliException(string message, int exitCode = ExitCodes.Failed, string? hint = null, Exception? inner = null)
        : base(message, inner) => (ExitCode, Hint) = (exitCode, hint);

    public int ExitCode { get; }

    public string? Hint { get; }

    /// <summary>One line each, below the error.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Of the answer that it comes from.</summary>
    public int? Status { get; init; }

    public static CliException Usage(string message) => new(message, ExitCodes.BadUsage);
}
