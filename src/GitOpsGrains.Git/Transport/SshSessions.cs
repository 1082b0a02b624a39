using System.ComponentModel;
using System.Globalization;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Adapters.Processes;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Transport;

/// <summary>
/// Starts the ssh program: nothing of this machine's or user's ssh configuration, agent or known hosts, no questions, no
/// forwarding, only the key and hosts that it is given.
/// </summary>
internal sealed class SshSessions : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly SemaphoreSlim _room;
    private readonly string _root;
    private readonly GitOptions _options;

    public SshSessions(IOptions<GitOptions> options)
    {
        _options = options.Value;
        _room = new SemaphoreSlim(_options.SshSessions);
        _root = Path.Combine(Path.GetFullPath(_options.DataDirectory), "ssh");
        // Keys that a process that died left there belong to nobody.
        Dispose();
    }

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, true);
    }

    /// <summary>Errors: <see cref="GitErrorKind.NotAllowed"/> when there is no ssh program.</summary>
    public async Task<SshSession> StartAsync(RemoteEndpoint endpoint, string service, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        var folder = "";
        try
        {
            folder = NewFolder();
            var key = await WriteAsync(folder, "key", endpoint.Ssh!.Key.Value, cancellationToken);
            var hosts = await WriteAsync(folder, "known_hosts", endpoint.Ssh.KnownHosts.Value, cancellationToken);
            return Start(endpoint, service, folder, key, hosts);
        }
        catch
        {
            if (folder.Length > 0) Directory.Delete(folder, true);
            _room.Release();
            throw;
        }
    }

    private SshSession Start(RemoteEndpoint endpoint, string service, string folder, string key, string hosts)
    {
        var program = Programs.Find(_options.SshProgram) ?? throw new GitException(GitErrorKind.NotAllowed, $"ssh URLs need the program {_options.SshProgram} (OpenSSH's client), which is not here");
        string[] arguments = [.. Options(key, hosts, _options.ConnectTimeout), .. Address(endpoint, service)];
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = folder, ["LC_ALL"] = "C", ["GIT_PROTOCOL"] = "version=2" };
        try
        {
            return new SshSession(ProcessGroup.Start(new ProcessOrder(program, arguments, folder, environment)), folder, () => _room.Release());
        }
        catch (Win32Exception failure)
        {
            throw new GitException(GitErrorKind.NotAllowed, $"the program {program} can't be started: {failure.Message}", failure);
        }
    }

    private static IEnumerable<string> Options(string key, string hosts, TimeSpan connect)
    {
        string[] settings =
        [
            "BatchMode=yes", "StrictHostKeyChecking=yes", $"UserKnownHostsFile={hosts}", "GlobalKnownHostsFile=none", "UpdateHostKeys=no", "CheckHostIP=no",
            "KnownHostsCommand=none", "VerifyHostKeyDNS=no", "PreferredAuthentications=publickey", "IdentitiesOnly=yes", $"IdentityFile={key}", "IdentityAgent=none",
            "CertificateFile=none", "AddKeysToAgent=no", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "PermitLocalCommand=no", "ProxyCommand=none",
            "ControlMaster=no", "ControlPath=none", "CanonicalizeHostname=no", "EscapeChar=none", "SendEnv=GIT_PROTOCOL", "ServerAliveInterval=15",
            "ServerAliveCountMax=2", $"ConnectTimeout={Math.Max(1, (int)Math.Ceiling(connect.TotalSeconds)).ToString(CultureInfo.InvariantCulture)}",
        ];
        return ["-T", "-F", "none", .. settings.SelectMany(setting => new[] { "-o", setting })];
    }

    private static IEnumerable<string> Address(RemoteEndpoint endpoint, string service)
    {
        var url = endpoint.Url;
        string[] user = url.User is null ? [] : ["-l", url.User];
        // The path goes through a shell on the server, as git's own does.
        var path = url.Path.Replace("'", @"'\''", StringComparison.Ordinal).Replace("!", @"'\!'", StringComparison.Ordinal);
        return [.. user, "-p", url.Port.ToString(CultureInfo.InvariantCulture), "--", url.Host, $"{service} '{path}'"];
    }

    private string NewFolder()
    {
        var folder = Path.Combine(_root, Guid.NewGuid().ToString("N"));
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        return folder;
    }

    private static async Task<string> WriteAsync(string folder, string name, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = OwnerOnly;
        await using var file = new StreamWriter(path, how);
        // Without a line end behind it, OpenSSH reads no key.
        await file.WriteAsync((text + "\n").AsMemory(), cancellationToken);
        return path;
    }
}
