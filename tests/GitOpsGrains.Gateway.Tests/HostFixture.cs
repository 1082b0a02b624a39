using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Tests;

[assembly: AssemblyFixture(typeof(HostFixture))]

namespace GitOpsGrains.Gateway.Tests;

/// <summary>One running product for all tests; what a test stores has a name of its own.</summary>
public sealed class HostFixture : IAsyncLifetime
{
    private InProcessHost? _host;

    public InProcessHost Host => _host ?? throw new InvalidOperationException("the host has not been started");

    public FleetRest Rest => Host.Rest;

    public async ValueTask InitializeAsync() => _host = await InProcessHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    public static string NewName() => $"t{Guid.NewGuid():N}"[..10];

    public static string Repository(string name, string url = "http://127.0.0.1:1/none.git") => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: "{{name}}"}
        spec: {url: "{{url}}"}
        """;

    public static string Cluster(string name) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: "{{name}}"}
        spec: {kubeconfig: {file: /nowhere/kubeconfig} }
        """;

    public static string Application(string name, string more = "") => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{name}}"}
        spec:
          source: {repository: "{{name}}", ref: main, path: app}
          destination: {clusters: ["{{name}}"]}
        {{more}}
        """;
}
