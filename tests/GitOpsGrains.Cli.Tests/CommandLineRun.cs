using System.Text;

namespace GitOpsGrains.Cli.Tests;

/// <summary>One run of the command line in this process, with a home and a working directory of its own.</summary>
internal sealed class CommandLineRun : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gitopsctl-").FullName;

    public CommandLineRun(string? server = null)
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(Work);
        if (server is not null) Variables["GITOPSGRAINS_SERVER"] = server;
    }

    public Dictionary<string, string> Variables { get; } = [];

    public string Home => Path.Combine(_root, "home");

    public string Work => Path.Combine(_root, "work");

    public string Input { get; set; } = "";

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public StringWriter Out { get; private set; } = new();

    public StringWriter Error { get; private set; } = new();

    public async Task<int> RunAsync(string arguments, CancellationToken cancellationToken = default)
    {
        (Out, Error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var environment = new CliEnvironment
        {
            Out = Out,
            Error = Error,
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(Input)),
            Variable = name => Variables.GetValueOrDefault(name),
            HomeDirectory = Home,
            WorkingDirectory = Work,
            Time = Time,
        };
        return await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment, cancellationToken);
    }

    public string Write(string path, string text)
    {
        var full = Path.Combine(Work, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
