namespace GitOpsGrains.Cli;

/// <summary>All that the command line takes from its process, so that a test can give its own.</summary>
public sealed record CliEnvironment
{
    public required TextWriter Out { get; init; }
    public required TextWriter Error { get; init; }

    /// <summary>Standard input, as bytes.</summary>
    public required Func<Stream> OpenInput { get; init; }

    public required Func<string, string?> Variable { get; init; }
    public required string HomeDirectory { get; init; }
    public required string WorkingDirectory { get; init; }

    public bool OutIsTerminal { get; init; }
    public bool ErrorIsTerminal { get; init; }
    public bool InputIsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Ctrl+C ends the command instead of the process.</summary>
    public bool HandleInterrupt { get; init; }

    public string FullPath(string path) => Path.GetFullPath(path, WorkingDirectory);

    public static CliEnvironment OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        Variable = Environment.GetEnvironmentVariable,
        HomeDirectory = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        WorkingDirectory = Environment.CurrentDirectory,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
        HandleInterrupt = true,
    };
}
