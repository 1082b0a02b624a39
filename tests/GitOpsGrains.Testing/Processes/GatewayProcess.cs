using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>The built gateway as a process of its own, at addresses that stay the same over restarts.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private const string Program = "GitOpsGrains.Gateway.Host";
    private const int KeptLogLines = 5000;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, string?> _environment;
    private readonly string _folder = TestFolder.New("gateway");
    private string _ended = "";
    private OwnedProcess? _process;

    private GatewayProcess(Func<string> token, IReadOnlyDictionary<string, string> settings)
    {
        _environment = new Dictionary<string, string?>
        {
            ["GITOPSGRAINS__Http__Url"] = Url.OriginalString,
            ["GITOPSGRAINS__Grpc__Url"] = GrpcUrl.OriginalString,
            ["DOTNET_gcServer"] = "0",
        };
        foreach (var (name, value) in settings) _environment["GITOPSGRAINS__" + name] = value;
        Api = new FleetApi(Url, token);
    }

    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public Uri GrpcUrl { get; } = new($"http://127.0.0.1:{FreePort.Next()}");

    public FleetApi Api { get; }

    /// <inheritdoc cref="SiloProcess.Version"/>
    public OlderVersion? Version { get; set; }

    /// <summary>The last lines that the running process printed.</summary>
    public string Log => Running.Output;

    /// <inheritdoc cref="SiloProcess.Logs"/>
    public string Logs => _ended + _process?.Output;

    /// <inheritdoc cref="OwnedProcess.ResidentBytes"/>
    public long ResidentBytes => Running.ResidentBytes;

    private OwnedProcess Running => _process ?? throw new InvalidOperationException("the gateway doesn't run");

    /// <summary>Starts a gateway and waits until it answers, with or without a silo.</summary>
    /// <param name="siloPort">Setting <c>Silo:GatewayPort</c> of the silo.</param>
    /// <param name="settings">Further settings: "Section__Name".</param>
    public static Task<GatewayProcess> StartNewAsync(int siloPort, Func<string> token, IReadOnlyDictionary<string, string>? settings = null) =>
        StartNewAsync(token, new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["Gateway__Silos"] = $"127.0.0.1:{siloPort}" });

    /// <summary>The same with silos that are found by these settings: "Section__Name".</summary>
    /// <param name="version">Null: the one that was built beside the test.</param>
    public static async Task<GatewayProcess> StartNewAsync(Func<string> token, IReadOnlyDictionary<string, string> settings, OlderVersion? version = null)
    {
        var gateway = new GatewayProcess(token, settings) { Version = version };
        await gateway.StartAsync();
        return gateway;
    }

    public async Task StartAsync()
    {
        _process = await StartProcessAsync();
        await Eventually.GetAsync(
            async () => _process.HasExited ? throw new InvalidOperationException($"the gateway ended: {_process.Output}") : await Api.IsAliveAsync(),
            alive => alive, "a gateway that answers", StartDeadline);
    }

    /// <summary>Runs a gateway with these settings to its end.</summary>
    public static async Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string> settings)
    {
        await using var gateway = new GatewayProcess(() => "", settings);
        return await gateway.RunSecondAsync();
    }

    /// <summary>Another setting from the next start on: "Section__Name".</summary>
    public void Set(string name, string value) => _environment["GITOPSGRAINS__" + name] = value;

    /// <summary>Runs another one at the same addresses to its end.</summary>
    public async Task<CommandResult> RunSecondAsync()
    {
        using var second = await StartProcessAsync();
        using var late = new CancellationTokenSource(StartDeadline);
        var code = await second.WaitForExitAsync(late.Token);
        return new CommandResult(code, second.StandardOutput, second.StandardError);
    }

    public Task ReadyAsync(TimeSpan? deadline = null) => Eventually.GetAsync(Api.IsReadyAsync, ready => ready, "a ready gateway", deadline ?? StartDeadline);

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

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        Api.Dispose();
    }

    private Task<OwnedProcess> StartProcessAsync() => OwnedProcess.StartAsync(
        new OwnedProcessOptions { Environment = _environment, WorkingDirectory = _folder, KeptLines = KeptLogLines },
        Tools.Require("dotnet"), Version?.Assembly(Program) ?? Built.Assembly(Program, Program));

    private void Forget()
    {
        _ended += _process?.Output + "\n";
        _process?.Dispose();
        _process = null;
    }
}
