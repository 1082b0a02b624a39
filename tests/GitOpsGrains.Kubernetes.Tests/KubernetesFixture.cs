using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>One API server for all tests, with a user who may do nothing.</summary>
public sealed class KubernetesFixture() : ApiServerFixture(new ApiServerOptions { Users = [new TestUser("nobody", "token-of-nobody")] }), IKubernetesStage
{
    public ApiClient Client => Server.Client;

    public string Version => Server.Version;

    public static readonly ApiResource ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true, new HashSet<string> { "list", "watch" });
    public static readonly ApiResource Secrets = new("", "v1", "Secret", "secrets", true, new HashSet<string> { "list", "watch" });
    public static readonly ApiResource Namespaces = new("", "v1", "Namespace", "namespaces", false, new HashSet<string> { "list", "watch" });
    public static readonly ApiResource Deployments = new("apps", "v1", "Deployment", "deployments", true, new HashSet<string> { "list", "watch" });

    public Task<IClusterConnection> ConnectAsync(string user = ApiServer.Admin, Action<KubernetesOptions>? configure = null) =>
        ConnectWithAsync(Server.WriteKubeconfig(NewFile(), user), configure);

    public static async Task<IClusterConnection> ConnectWithAsync(string kubeconfig, Action<KubernetesOptions>? configure = null)
    {
        var answer = await TryConnectAsync(kubeconfig, configure);
        return answer.Value ?? throw new InvalidOperationException(answer.Error?.Message);
    }

    public static Task<ClusterAnswer<IClusterConnection>> TryConnectAsync(string kubeconfig, Action<KubernetesOptions>? configure = null, string? context = null) =>
        Connector(configure).ConnectAsync(new ClusterAccess("test", kubeconfig, context, false), CancellationToken.None);

    public static IClusterConnector Connector(Action<KubernetesOptions>? configure = null, TimeProvider? time = null, ISecretReader? secrets = null)
    {
        var services = new ServiceCollection().AddLogging();
        if (time is not null) services.AddSingleton(time);
        if (secrets is not null) services.AddSingleton(secrets);
        return services.AddKubernetesClusters(configure).BuildServiceProvider().GetRequiredService<IClusterConnector>();
    }

    /// <summary>For tests that start a server of their own.</summary>
    public static string NewTestFile() => Path.Combine(TestFolder.New("kube"), "kubeconfig.yaml");

    public string NewFile(string extension = "yaml") => Path.Combine(Server.Folder, $"{Guid.NewGuid():N}.{extension}");

    public static ResourceId ConfigMap(string space, string name) => new("", "ConfigMap", space, name);

    public static byte[] ConfigMapJson(string space, string name, string value, string metadata = "") => Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"{{space}}"{{metadata}}},"data":{"key":"{{value}}"} }""");

    public static ApplyOptions Forced { get; } = new(DryRun: false, Force: true);

    public static string Data(LiveObject live, string key) => live.Root.GetProperty("data").GetProperty(key).GetString()!;

    public static JsonElement Json(string text) => JsonElement.Parse(text);
}
