using System.Text;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Charts;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Rendering;

/// <summary>An application whose chart depends on one in a registry with a private authority and a password, from Git to a real API server.</summary>
public sealed class ChartRegistryTests
{
    private const string App = "app";
    private const string Json = "application/json";

    [Fact]
    public async Task Application_WithADependencyInARegistry_IsRefusedWithoutLeave_NamesWhatIsMissing_AndIsApplied()
    {
        Environment.SetEnvironmentVariable("GITOPSGRAINS__Rendering__Helm", Tools.Require("helm"));
        Tools.Require("docker-registry");
        await using var server = await ApiServer.StartAsync();
        await using var git = await GitServer.StartAsync();
        using var certificates = new ServerCertificates(Directory.CreateDirectory(Path.Combine(server.Folder, "registry")).FullName);
        await using var registry = await ChartRegistry.StartAsync(certificates);
        var log = new LogLines();
        await using var host = await InProcessHost.StartAsync(log: log);
        server.WriteKubeconfig(Scene.KubeconfigOf(server, "eu"));
        var scene = await Scene.CreateAsync(host, server, git, "eu");
        var answers = new StringBuilder();
        var first = await PushAsync(scene, registry, "9.9.9");
        await scene.PutApplicationAsync(App);

        Assert.StartsWith("the dependency lib is not in charts/, and it may not be fetched (an administrator can set spec.rendering.chartDependencies", await ReasonAsync(scene, answers), StringComparison.Ordinal);
        await AllowAsync(scene);
        // Without an authority for it, a registry on this machine is spoken to in plain http.
        Assert.StartsWith($"lib 9.9.9 can't be fetched from {registry.Url}: ", await RefreshedAsync(scene, answers, "can't be fetched"), StringComparison.Ordinal);

        await StoreAsync(scene, registry, certificates, ChartRegistry.Password);
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: RepositoryCredentials
            metadata: {name: charts}
            spec:
              urlPrefix: oci://{{registry.Authority}}/team
              credentials: {username: bot, passwordFrom: {stored: charts} }
              caFrom: {stored: charts}
            """);
        // What failed is not tried again at once: another commit is.
        await PushAsync(scene, registry, "9.9.8");
        Assert.Contains($"lib 9.9.8 can't be fetched from {registry.Url}", await RefreshedAsync(scene, answers, "not found"), StringComparison.Ordinal);
        var good = await PushAsync(scene, registry, "1.0.0");
        await scene.SyncedAsync(App, good);

        Assert.NotEqual(first, good);
        Assert.NotNull(await scene.FindAsync("lib"));
        Assert.NotNull(await scene.FindAsync("own"));
        foreach (var route in new[] { "credentials", "credentials/charts", "repositorycredentials", $"applications/default/{scene.Of(App)}/history" })
            answers.Append((await scene.Rest.TrySendAsync(HttpMethod.Get, route)).Body);
        Assert.Contains("charts", answers.ToString(), StringComparison.Ordinal);
        foreach (var secret in new[] { ChartRegistry.Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"bot:{ChartRegistry.Password}")) })
        {
            Assert.DoesNotContain(secret, answers.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, log.Text, StringComparison.Ordinal);
        }
    }

    private static Task<Documents.Rest.ApplyResponse> AllowAsync(Scene scene) => scene.Rest.ApplyAsync($$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: "{{scene.Name}}"}
        spec: {url: "{{scene.Work.Url}}", poll: {interval: 5s}, rendering: {chartDependencies: true} }
        """);

    private static Task<Documents.Rest.ApplyResult> StoreAsync(Scene scene, ChartRegistry registry, ServerCertificates certificates, string password) => scene.Rest.SendAsync<Documents.Rest.ApplyResult>(
        HttpMethod.Put, "credentials/charts", System.Text.Json.JsonSerializer.Serialize(new { urlPrefix = $"oci://{registry.Authority}/team", password, ca = File.ReadAllText(certificates.CaFile) }), Json);

    private static async Task<string> PushAsync(Scene scene, ChartRegistry registry, string version)
    {
        await scene.Work.WriteAsync("app/Chart.yaml", $"apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{{name: lib, version: {version}, repository: \"{registry.Url}\"}}]\n");
        await scene.Work.WriteAsync("app/templates/own.yaml", Scene.ConfigMap("own", "\"1\""));
        return await scene.PushAsync($"Version {version}");
    }

    private static async Task<string> ReasonAsync(Scene scene, StringBuilder answers)
    {
        var condition = await scene.ConditionAsync(App, "RenderFailed");
        Assert.EndsWith("Chart.yaml", condition.File, StringComparison.Ordinal);
        answers.Append(condition.Message);
        return condition.Message;
    }

    private static async Task<string> RefreshedAsync(Scene scene, StringBuilder answers, string wanted)
    {
        await scene.Rest.CommandAsync(scene.Of(App), "refresh");
        return await Eventually.GetAsync(() => ReasonAsync(scene, answers), reason => reason.Contains(wanted, StringComparison.Ordinal), wanted, TimeSpan.FromSeconds(40));
    }
}
