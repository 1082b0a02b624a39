using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Git;

/// <summary>A real sshd on a loopback port of its own, that lets one key in as the user of the test; its files go when it is disposed.</summary>
public sealed class SshServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly OwnedProcess _process;

    private SshServer(string folder, int port, OwnedProcess process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    /// <summary>The private key that gets in.</summary>
    public string Key => File.ReadAllText(Path.Combine(_folder, "client"));

    /// <summary>A line of known_hosts that names this server.</summary>
    public string KnownHosts => $"[127.0.0.1]:{Port} {string.Join(' ', File.ReadAllText(Path.Combine(_folder, "host.pub")).Split(' ').Take(2))}";

    /// <summary>What the server logged.</summary>
    public string Log => _process.Output;

    /// <param name="protocolV2">Whether the variable is taken that lets a client ask for protocol v2.</param>
    /// <param name="command">Run in place of what a client asks for; null runs that.</param>
    public static async Task<SshServer> StartAsync(bool protocolV2 = true, string? command = null)
    {
        var program = Tools.Require("sshd", "/usr/sbin/sshd");
        var folder = Directory.CreateTempSubdirectory("gog-sshd-").FullName;
        await MakeKeyAsync(Path.Combine(folder, "host"), "");
        await MakeKeyAsync(Path.Combine(folder, "client"), "");
        File.Copy(Path.Combine(folder, "client.pub"), Path.Combine(folder, "authorized_keys"));
        // Where sshd gives its privileges up before a client is known; Debian's service makes it.
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd");
        var port = FreePort.Next();
        await File.WriteAllTextAsync(Path.Combine(folder, "config"), $"""
            ListenAddress 127.0.0.1:{port}
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/authorized_keys
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            {(protocolV2 ? "AcceptEnv GIT_PROTOCOL" : "")}
            {(command is null ? "" : $"ForceCommand {command}")}

            """);
        var process = await OwnedProcess.StartAsync(program, "-D", "-e", "-f", Path.Combine(folder, "config"));
        var server = new SshServer(folder, port, process);
        await Eventually.TrueAsync(() => Task.FromResult(server.Log.Contains("Server listening", StringComparison.Ordinal) || process.HasExited), "sshd listens", TimeSpan.FromSeconds(20));
        if (process.HasExited) throw new InvalidOperationException(server.Log);
        return server;
    }

    /// <summary>A key that does not get in.</summary>
    public async Task<string> NewKeyAsync(string passphrase = "")
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        await MakeKeyAsync(path, passphrase);
        return await File.ReadAllTextAsync(path);
    }

    public string UrlOf(GitWorkspace workspace) => $"ssh://{Environment.UserName}@127.0.0.1:{Port}{workspace.BareFolder}";

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
        Directory.Delete(_folder, true);
    }

    private static async Task MakeKeyAsync(string path, string passphrase)
    {
        using var process = await OwnedProcess.StartAsync(Tools.Require("ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", path);
        if (await process.WaitForExitAsync() != 0) throw new InvalidOperationException(process.Output);
    }
}
