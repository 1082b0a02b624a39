using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>The built silo with --demo, in a folder of its own, as a newcomer starts it.</summary>
internal sealed class DemoProcess : IDisposable
{
    public const string LastLine = "Ctrl+C ends the demo";

    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;

    private readonly Dictionary<string, string?> _environment;
    private OwnedProcess? _process;

    public DemoProcess()
    {
        _environment = new Dictionary<string, string?>
        {
            ["GITOPSGRAINS__Http__Url"] = Url.OriginalString,
            ["GITOPSGRAINS__Grpc__Url"] = "http://127.0.0.1:0",
            ["GITOPSGRAINS__Demo__DriftEvery"] = "2s",
            ["XDG_CONFIG_HOME"] = Folder,
            ["DOTNET_gcServer"] = "0",
            // For the commands that it prints: what is built is used, and no build server stays behind.
            ["Configuration"] = string.Concat(Configuration[..1].ToUpperInvariant(), Configuration.AsSpan(1)),
            ["MSBUILDDISABLENODEREUSE"] = "1",
        };
        Api = new FleetApi(Url, () => File.ReadAllText(Path.Combine(DataDirectory, "admin-token")).Trim());
    }

    public string Folder { get; } = TestFolder.New("demo");

    public string DataDirectory => Path.Combine(Folder, "data");

    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public FleetApi Api { get; }

    public OwnedProcess Running => _process ?? throw new InvalidOperationException("the demo doesn't run");

    public string[] Lines => Running.StandardOutput.Split('\n');

    public async Task StartAsync(params string[] arguments) => _process = await OwnedProcess.StartAsync(
        Options(), Tools.Require("env"), ["--default-signal=INT", Tools.Require("dotnet"), Built.Assembly("GitOpsGrains.Silo", "GitOpsGrains.Silo"), .. arguments]);

    /// <summary>Waits until it has said what to try.</summary>
    public Task ReadyAsync() => Eventually.TrueAsync(
        () => Running.HasExited ? throw new InvalidOperationException(Running.Output) : Lines.Any(static line => line.StartsWith(LastLine, StringComparison.Ordinal)),
        "the commands of the demo", TimeSpan.FromSeconds(150));

    /// <summary>The commands that it printed.</summary>
    public string[] Commands => [.. Lines.Where(static line => line.StartsWith("    ", StringComparison.Ordinal) && char.IsAsciiLetterLower(line[4])).Select(static line => line.Trim())];

    /// <summary>Runs a command in the folder where the demo was started.</summary>
    public async Task<CommandResult> RunAsync(string command)
    {
        using var shell = await OwnedProcess.StartAsync(Options(), Tools.Require("sh"), "-c", command);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var code = await shell.WaitForExitAsync(late.Token);
        return new CommandResult(code, shell.StandardOutput, shell.StandardError);
    }

    /// <summary>Waits for its end and returns how it ended.</summary>
    public async Task<CommandResult> EndAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var code = await Running.WaitForExitAsync(late.Token);
        return new CommandResult(code, Running.StandardOutput, Running.StandardError);
    }

    public void Dispose()
    {
        _process?.Dispose();
        Api.Dispose();
    }

    private OwnedProcessOptions Options() => new() { Environment = _environment, WorkingDirectory = Folder, KeptLines = 5000 };
}
