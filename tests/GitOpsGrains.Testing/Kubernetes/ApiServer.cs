using System.Net;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>
/// A real kube-apiserver on a free loopback port, with its own prefix in an etcd that all servers of the test process share.
/// RBAC is on; "admin" may do everything; the service-account admission plugin is off.
/// </summary>
public sealed partial class ApiServer : IAsyncDisposable
{
    public const string Admin = "admin";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly ApiServerOptions _options;
    private readonly EtcdServer _etcd;
    private readonly ServerCertificates _certificates;
    private readonly Dictionary<string, TestUser> _users;
    private readonly string _prefix = $"/{Guid.NewGuid():N}";
    private OwnedProcess? _process;
    private OwnedProcess? _controllers;

    private ApiServer(ApiServerOptions options, EtcdServer etcd)
    {
        _options = options;
        _etcd = etcd;
        Folder = TestFolder.New("api");
        _certificates = new ServerCertificates(Folder);
        _users = options.Users.Append(new TestUser(Admin, Guid.NewGuid().ToString("N"), "system:masters")).ToDictionary(user => user.Name);
        File.WriteAllLines(TokenFile, _users.Values.Select(user => $"{user.Token},{user.Name},{user.Name},\"{user.Group}\""));
        Client = As(Admin);
    }

    /// <summary>The server's address; kept over a restart.</summary>
    public Uri Url { get; } = new($"https://127.0.0.1:{FreePort.Next()}");

    /// <summary>The admin's token.</summary>
    public string Token => _users[Admin].Token;

    public string CaFile => _certificates.CaFile;

    public ServerCertificates Certificates => _certificates;

    public Uri EtcdUrl => _etcd.Url;

    /// <summary>A folder of this server, for files that a test needs beside it.</summary>
    public string Folder { get; }

    /// <summary>As the server says it: "v1.20.2".</summary>
    public string Version { get; private set; } = "";

    public int MinorVersion => int.Parse(new string([.. Version.Split('.')[1].TakeWhile(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Acts as the admin, past the code under test.</summary>
    public ApiClient Client { get; private set; }

    private string TokenFile => Path.Combine(Folder, "tokens.csv");

    /// <summary>Starts a server and waits until it is ready (about 5 s). Skips the test where the programs are missing.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerOptions? options = null)
    {
        Tools.Require("kube-apiserver");
        options ??= new ApiServerOptions();
        var etcd = options.Fsync || options.OwnEtcd ? await EtcdServer.StartAsync(options.Fsync) : await EtcdServer.SharedAsync();
        var server = new ApiServer(options, etcd);
        await server.StartAsync();
        return server;
    }

    /// <summary>A raw client of a user.</summary>
    public ApiClient As(string user) => new(Url, _users[user].Token, CaFile);

    /// <summary>The server's own count of requests so far; compare two with <see cref="RequestCounts.Since"/>.</summary>
    public Task<RequestCounts> ReadRequestCountsAsync() => RequestCounts.ReadAsync(Client);

    /// <summary>Starts it with a new certificate, by the same authority or by another one of the same name.</summary>
    public async Task RenewCertificateAsync(bool otherAuthority)
    {
        await StopAsync();
        if (otherAuthority) _certificates.ReplaceAuthority();
        else _certificates.IssueServer();
        Client.Dispose();
        Client = As(Admin);
        await StartAsync();
    }

    /// <summary>Drops the history of the store up to now, as servers do every five minutes: older resourceVersions are gone. Needs <see cref="ApiServerOptions.OwnEtcd"/>.</summary>
    public Task CompactAsync() => OwnEtcd.CompactAsync();

    /// <summary>How often each object of a namespace was written since it was made, as the store counts it: "configmaps", "web".</summary>
    public Task<IReadOnlyDictionary<string, int>> ReadWritesAsync(string plural, string space) => _etcd.WritesAsync($"{_prefix}/{plural}/{space}/");

    /// <summary>A copy of its store as it is now, for <see cref="RestoreStoreAsync"/>. Needs <see cref="ApiServerOptions.OwnEtcd"/>.</summary>
    public Task<string> SaveStoreAsync() => OwnEtcd.SaveAsync();

    /// <summary>Stops it, puts an older copy of its store in the place of the present one, and starts it again: everything since has not happened, and resourceVersions go back.</summary>
    public async Task RestoreStoreAsync(string saved)
    {
        await StopAsync();
        await OwnEtcd.RestoreAsync(saved);
        await StartAsync();
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>, on the same port and data.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) throw new InvalidOperationException("the API server runs already");
        _process = await OwnedProcess.StartAsync(Tools.Require("kube-apiserver"), Flags());
        await WaitReadyAsync(_process);
        Version = (await Client.GetJsonAsync("/version")).GetProperty("gitVersion").GetString()!;
        if (_options.ControllerManager) _controllers = await StartControllersAsync();
    }

    /// <summary>Kills it (and its controller manager) as a power cut would; the data stays.</summary>
    public async Task StopAsync()
    {
        if (_controllers is not null) await _controllers.KillAsync();
        if (_process is not null) await _process.KillAsync();
        _controllers?.Dispose();
        _process?.Dispose();
        (_controllers, _process) = (null, null);
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Pause() => Process.Pause();

    public void Resume() => Process.Resume();

    private EtcdServer OwnEtcd => _options.OwnEtcd || _options.Fsync ? _etcd : throw new InvalidOperationException("this is for a server with an etcd of its own");

    private OwnedProcess Process => _process ?? throw new InvalidOperationException("the API server doesn't run");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        _certificates.Dispose();
        if (_options.Fsync || _options.OwnEtcd) _etcd.Dispose();
    }

    private async Task WaitReadyAsync(OwnedProcess process) => await Eventually.GetAsync(
        async () => process.HasExited
            ? throw new InvalidOperationException($"kube-apiserver ended: {process.Output}")
            : await Client.GetStatusAsync("/readyz"),
        status => status == HttpStatusCode.OK, "a ready kube-apiserver", StartDeadline);

    private List<string> Flags() =>
    [
        "--bind-address=127.0.0.1", $"--secure-port={Url.Port}",
        $"--etcd-servers={_etcd.Url.OriginalString}", $"--etcd-prefix={_prefix}",
        $"--cert-dir={Folder}", $"--tls-cert-file={_certificates.ServerCertificateFile}", $"--tls-private-key-file={_certificates.ServerKeyFile}",
        $"--client-ca-file={CaFile}", $"--token-auth-file={TokenFile}", "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/16", "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc",
        $"--service-account-signing-key-file={_certificates.AccountKeyFile}", $"--service-account-key-file={_certificates.AccountKeyFile}",
        "--max-requests-inflight=4000", "--max-mutating-requests-inflight=2000", "--allow-privileged=true",
        .. _options.ExtraFlags,
    ];

    private async Task<OwnedProcess> StartControllersAsync()
    {
        var kubeconfig = WriteKubeconfig(Path.Combine(Folder, "controllers.yaml"));
        List<string> flags =
        [
            $"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0",
            $"--service-account-private-key-file={_certificates.AccountKeyFile}",
            "--kube-api-qps=500", "--kube-api-burst=1000", "--node-monitor-period=1h", "--bind-address=127.0.0.1",
        ];
        // The old insecure port, which later servers no longer know.
        if (MinorVersion < 24) flags.Add("--port=0");
        return await OwnedProcess.StartAsync(Tools.Require("kube-controller-manager"), flags);
    }
}
