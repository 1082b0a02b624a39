using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Http;
using GitOpsGrains.Simulation.Workloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GitOpsGrains.Simulation.Hosting;

/// <summary>
/// Simulated clusters behind one port of loopback: https://127.0.0.1:PORT/clusters/NAME is the address of one. All is in memory
/// and gone when the fleet is disposed.
/// </summary>
public sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, SimulatedCluster> _clusters = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly FleetCertificates _certificates;
    private readonly ControllerLoop _controllers;
    private readonly Pulse _pulse;
    private readonly ClusterHandler _handler;
    private readonly AdminHandler _admin;
    private WebApplication? _server;

    private SimulatedFleet(SimulatedFleetOptions options)
    {
        _time = options.Time;
        // Certificates are compared with the clock of the machine, whatever clock the workloads have.
        _certificates = new FleetCertificates(TimeProvider.System);
        _controllers = new ControllerLoop(_time, NullLogger<ControllerLoop>.Instance);
        _pulse = new Pulse(_time);
        _handler = new ClusterHandler(new Authenticator(_certificates), new ResourceHandler(new WatchResponder(_time, _pulse), _time));
        _admin = new AdminHandler(AdminToken, _clusters, name => Kubeconfig(name));
    }

    /// <summary>For the paths below /admin.</summary>
    public string AdminToken { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>"https://127.0.0.1:PORT".</summary>
    public Uri Url { get; private set; } = new("https://127.0.0.1");

    public string AuthorityPem => _certificates.AuthorityPem;

    public IEnumerable<SimulatedCluster> Clusters => _clusters.Values;

    public static async Task<SimulatedFleet> StartAsync(SimulatedFleetOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatedFleetOptions();
        var fleet = new SimulatedFleet(options);
        try
        {
            await fleet.ListenAsync(options.Port, cancellationToken);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a cluster with the namespaces of every cluster. The name is a DNS-1123 segment. Errors: ArgumentException for one that is there.</summary>
    public SimulatedCluster Add(string name, SimulatedClusterOptions? options = null)
    {
        var cluster = new SimulatedCluster(name, options ?? new SimulatedClusterOptions(), _time, _controllers);
        return _clusters.TryAdd(name, cluster) ? cluster : throw new ArgumentException($"there is a cluster '{name}' already", nameof(name));
    }

    /// <summary>Errors: KeyNotFoundException.</summary>
    public SimulatedCluster Get(string name) => _clusters[name];

    public Uri AddressOf(string cluster) => new(Url, $"/clusters/{cluster}");

    /// <summary>A kubeconfig with the user's token; its one context has the cluster's name.</summary>
    public string Kubeconfig(string cluster, string user = SimulatedCluster.Administrator) =>
        Kubeconfig(cluster, $"token: {_clusters[cluster].Users.First(known => known.Name == user).Token}", user);

    /// <summary>A kubeconfig with a client certificate of the user.</summary>
    public string KubeconfigWithCertificate(string cluster, string user = SimulatedCluster.Administrator)
    {
        var (certificate, key) = _certificates.IssueUser(cluster, user);
        return Kubeconfig(cluster, $"client-certificate-data: {Encode(certificate)}\n    client-key-data: {Encode(key)}", user);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters.Values) cluster.DropWatches();
        if (_server is not null) await _server.DisposeAsync();
        await _controllers.DisposeAsync();
        _pulse.Dispose();
        _certificates.Dispose();
    }

    private async Task ListenAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A client of a fleet has one connection per cluster, with watches and writes on it.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = _certificates.Server;
                    https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    // A certificate of others is no broken connection but 401, as real servers answer.
                    https.AllowAnyClientCertificate();
                });
            });
        });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var server = builder.Build();
        server.Run(HandleAsync);
        _server = server;
        await server.StartAsync(cancellationToken);
        Url = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _controllers.Start();
    }

    private Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith("/admin/", StringComparison.Ordinal)) return _admin.HandleAsync(context, path);
        const string Prefix = "/clusters/";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)) return AnswerWriter.WriteTextAsync(context, "404 page not found\n", 404);
        var end = path.IndexOf('/', Prefix.Length);
        var name = end < 0 ? path[Prefix.Length..] : path[Prefix.Length..end];
        return _clusters.TryGetValue(name, out var cluster)
            ? _handler.HandleAsync(context, cluster, end < 0 ? "/" : path[end..])
            : AnswerWriter.WriteTextAsync(context, $"there is no cluster '{name}'\n", 404);
    }

    private string Kubeconfig(string cluster, string userYaml, string user) => $"""
        apiVersion: v1
        kind: Config
        current-context: {cluster}
        contexts:
        - name: {cluster}
          context: {"{"}cluster: {cluster}, user: {user}{"}"}
        clusters:
        - name: {cluster}
          cluster:
            server: {AddressOf(cluster)}
            certificate-authority-data: {Encode(AuthorityPem)}
        users:
        - name: {user}
          user:
            {userYaml}

        """;

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
