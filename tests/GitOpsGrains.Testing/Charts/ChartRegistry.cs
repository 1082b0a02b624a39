using System.Net;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Charts;

/// <summary>
/// A real registry (Debian's docker-registry) on a loopback port, which holds the chart lib 1.0.0 that helm itself has pushed. With
/// certificates it speaks https and wants the user "bot".
/// </summary>
public sealed class ChartRegistry : IAsyncDisposable
{
    public const string Password = "canary-Chart";

    /// <summary>Of <see cref="Password"/>, by bcrypt, which is the only form that the registry takes.</summary>
    private const string Login = "bot:$2a$10$1US29lEv8Mhn01wfaTtlxus1liQMfw3e2almdTQBOisdUKDwMu9UW";

    private readonly OwnedProcess _process;
    private readonly string _folder;
    private readonly ServerCertificates? _certificates;

    private ChartRegistry(OwnedProcess process, string folder, int port, ServerCertificates? certificates) =>
        (_process, _folder, Authority, _certificates) = (process, folder, $"127.0.0.1:{port}", certificates);

    public string Authority { get; }

    /// <summary>Where its charts are.</summary>
    public string Url => $"oci://{Authority}/team/charts";

    /// <summary>What it has been asked for.</summary>
    public string Log => _process.Output;

    public static async Task<ChartRegistry> StartAsync(ServerCertificates? certificates = null)
    {
        var program = Tools.Require("docker-registry");
        var (folder, port) = (TestFolder.New("registry"), FreePort.Next());
        await File.WriteAllTextAsync(Path.Combine(folder, "logins"), Login + "\n");
        List<string> lines = ["version: 0.1", $"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}", "http:", $"  addr: 127.0.0.1:{port}"];
        if (certificates is not null)
        {
            lines.Add($"  tls: {{certificate: {certificates.ServerCertificateFile}, key: {certificates.ServerKeyFile}}}");
            lines.Add($"auth: {{htpasswd: {{realm: charts, path: {folder}/logins}}}}");
        }
        await File.WriteAllLinesAsync(Path.Combine(folder, "config.yml"), lines);
        var process = await OwnedProcess.StartAsync(program, "serve", Path.Combine(folder, "config.yml"));
        var registry = new ChartRegistry(process, folder, port, certificates);
        await registry.IsReadyAsync();
        await registry.PushAsync("lib", "1.0.0");
        return registry;
    }

    public async Task PushAsync(string name, string version)
    {
        var archive = await HelmPackages.WriteAsync(_folder, name, version);
        string[] secure = _certificates is null ? ["--plain-http"] : ["--ca-file", _certificates.CaFile, "--username", "bot", "--password", Password];
        await HelmPackages.RunAsync(_folder, ["push", archive, Url, .. secure]);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        Directory.Delete(_folder, true);
    }

    private async Task IsReadyAsync()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true };
        using var http = new HttpClient(handler);
        await Eventually.GetAsync(
            async () => _process.HasExited
                ? throw new InvalidOperationException($"the registry ended: {Log}")
                : (await http.GetAsync(new Uri($"{(_certificates is null ? "http" : "https")}://{Authority}/v2/"))).StatusCode,
            status => status is HttpStatusCode.OK or HttpStatusCode.Unauthorized, "a registry that answers");
    }
}
