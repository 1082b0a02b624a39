using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>The built silo as a process, in the configuration in which the benchmarks were built.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly OwnedProcess _process;

    private SiloProcess(OwnedProcess process, SiloClient client, ProcessUsage usage) => (_process, Client, Usage) = (process, client, usage);

    public SiloClient Client { get; }

    public ProcessUsage Usage { get; }

    public string Output => _process.Output;

    public static async Task<SiloProcess> StartAsync(string data)
    {
        var url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var process = await OwnedProcess.StartAsync(Tools.Require("env"), $"GITOPSGRAINS__Http__Url={url.OriginalString}", "GITOPSGRAINS__Grpc__Url=", $"GITOPSGRAINS__Installation__Name=bench-{Path.GetFileName(data)}", "Logging__LogLevel__Default=Warning", "dotnet", Program(), "--data", data);
        using var http = new HttpClient { BaseAddress = url };
        await Eventually.GetAsync(
            async () => process.HasExited ? throw new InvalidOperationException($"the silo ended: {process.Output}") : (await http.GetAsync("readyz")).IsSuccessStatusCode,
            ready => ready, "a ready silo");
        var token = await File.ReadAllTextAsync(Path.Combine(data, "admin-token"));
        return new SiloProcess(process, new SiloClient(url, token.Trim()), ProcessUsage.Of(data));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        // What it warned of belongs to the result.
        if (Output.Length > 0) Report.Say($"the silo's last lines:\n{Output}");
        await _process.KillAsync();
        _process.Dispose();
    }

    /// <summary>artifacts/bin/GitOpsGrains.Benchmarks/release → artifacts/bin/GitOpsGrains.Silo/release.</summary>
    private static string Program()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(own.Parent!.Parent!.FullName, "GitOpsGrains.Silo", own.Name, "GitOpsGrains.Silo.dll");
    }
}
