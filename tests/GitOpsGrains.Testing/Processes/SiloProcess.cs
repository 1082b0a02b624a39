using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>
/// The built silo as a process of its own, on a data directory and an address that stay the same over restarts. Its
/// installation has a name of its own, so that several can share a cluster.
/// </summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private const string Program = "GitOpsGrains.Silo";
    private const int KeptLogLines = 5000;
    private const string InstallationVariable = "GITOPSGRAINS__Installation__Name";
    private const string TokenVariable = "GITOPSGRAINS__Auth__AdminTokenFile";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(40);

    private readonly Dictionary<string, string?> _environment;
    private readonly NetworkNamespace? _network;
    private string _ended = "";
    private OwnedProcess? _process;

    private SiloProcess(IReadOnlyDictionary<string, string>? settings, string? dataDirectory, SteppedClock? clock, NetworkNamespace? network)
    {
        _network = network;
        network?.Reach(Url.Port);
        DataDirectory = dataDirectory ?? TestFolder.New("silo");
        _environment = new Dictionary<string, string?>
        {
            ["GITOPSGRAINS__Http__Url"] = Url.OriginalString,
            ["GITOPSGRAINS__Grpc__Url"] = GrpcUrl.OriginalString,
            [InstallationVariable] = $"test-{Guid.NewGuid():N}"[..16],
            ["DOTNET_gcServer"] = "0",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) _environment["GITOPSGRAINS__" + name] = value;
        foreach (var (name, value) in clock?.Environment ?? new Dictionary<string, string>()) _environment[name] = value;
        Api = new FleetApi(Url, () => Token);
    }

    public string DataDirectory { get; }

    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public Uri GrpcUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public string Installation => _environment[InstallationVariable]!;

    /// <summary>The administrator's token, the first where there are several.</summary>
    public string Token => File.ReadAllText(_environment.GetValueOrDefault(TokenVariable) ?? Path.Combine(DataDirectory, "admin-token")).Trim().Split('\n')[0];

    /// <summary>REST, as the administrator.</summary>
    public FleetApi Api { get; }

    /// <summary>Which version of the product it is from the next start on; null: the one that was built beside the test.</summary>
    public OlderVersion? Version { get; set; }

    /// <summary>The last lines that the running process printed.</summary>
    public string Log => Running.Output;

    /// <summary>The last lines of all its runs until now.</summary>
    public string Logs => _ended + _process?.Output;

    /// <inheritdoc cref="OwnedProcess.ResidentBytes"/>
    public long ResidentBytes => Running.ResidentBytes;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasEnded => Running.HasExited;

    private OwnedProcess Running => _process ?? throw new InvalidOperationException("the silo doesn't run");

    /// <summary>Starts a silo and waits until it is ready.</summary>
    /// <param name="settings">Further settings: "Section__Name".</param>
    /// <param name="dataDirectory">Null: a new one, which is empty.</param>
    /// <param name="clock">Null: the machine's.</param>
    /// <param name="network">Null: that of the test.</param>
    /// <param name="version">Null: the one that was built beside the test.</param>
    public static async Task<SiloProcess> StartNewAsync(
        IReadOnlyDictionary<string, string>? settings = null, string? dataDirectory = null, SteppedClock? clock = null, NetworkNamespace? network = null, OlderVersion? version = null)
    {
        var silo = new SiloProcess(settings, dataDirectory, clock, network) { Version = version };
        await silo.StartAsync();
        return silo;
    }

    /// <summary>Another setting from the next start on: "Section__Name".</summary>
    public void Set(string name, string value) => _environment["GITOPSGRAINS__" + name] = value;

    /// <summary>Starts it again on the same data and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) throw new InvalidOperationException("the silo runs already");
        _process = await StartProcessAsync(_environment);
        await Eventually.GetAsync(
            async () => _process.HasExited ? throw new InvalidOperationException($"the silo ended: {_process.Output}") : await Api.IsReadyAsync(),
            ready => ready, "a ready silo", StartDeadline);
    }

    /// <summary>Runs a second silo on the data of this one, on another address, to its end.</summary>
    public async Task<CommandResult> RunSecondAsync(TimeSpan deadline)
    {
        var environment = new Dictionary<string, string?>(_environment) 
        {
            ["GITOPSGRAINS__Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["GITOPSGRAINS__Grpc__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
        };
        using var second = await StartProcessAsync(environment);
        using var late = new CancellationTokenSource(deadline);
        var code = await second.WaitForExitAsync(late.Token);
        return new CommandResult(code, second.StandardOutput, second.StandardError);
    }

    /// <summary>Runs the program with other arguments than a silo's, to its end.</summary>
    public static async Task<CommandResult> RunCommandAsync(IReadOnlyDictionary<string, string> settings, TimeSpan deadline, params string[] arguments)
    {
        var options = new OwnedProcessOptions { Environment = settings.ToDictionary(setting => "GITOPSGRAINS__" + setting.Key, string? (setting) => setting.Value), KeptLines = KeptLogLines };
        using var process = await OwnedProcess.StartAsync(options, Tools.Require("dotnet"), [Built.Assembly(Program, Program), .. arguments]);
        using var late = new CancellationTokenSource(deadline);
        var code = await process.WaitForExitAsync(late.Token);
        return new CommandResult(code, process.StandardOutput, process.StandardError);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await Running.KillAsync();
        Forget();
    }

    /// <summary>Asks it to end, waits for that and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Running.Terminate();
        using var late = new CancellationTokenSource(StopDeadline);
        var code = await Running.WaitForExitAsync(late.Token);
        Forget();
        return code;
    }

    /// <summary>SIGSTOP: it does nothing, and nothing knows of it.</summary>
    public void Pause() => Running.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => Running.Resume();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        Api.Dispose();
    }

    private Task<OwnedProcess> StartProcessAsync(IReadOnlyDictionary<string, string?> environment) => OwnedProcess.StartAsync(
        new OwnedProcessOptions { Environment = environment, WorkingDirectory = DataDirectory, KeptLines = KeptLogLines },
        Command[0], Command[1..]);

    private string[] Command => [.. _network?.Prefix ?? [], Tools.Require("dotnet"), Version?.Assembly(Program) ?? Built.Assembly(Program, Program), "--data", DataDirectory];

    private void Forget()
    {
        _ended += _process?.Output + "\n";
        _process?.Dispose();
        _process = null;
    }
}
