using GitOpsGrains.Documents;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>From a push to the cluster, with nothing but a webhook in between: the repository is asked once a day.</summary>
public sealed class WebhookSyncTests
{
    private const string Cluster = "hooked";

    [Fact]
    public async Task A_push_is_on_the_cluster_seconds_later()
    {
        await using var server = await ApiServer.StartAsync(new ApiServerOptions());
        server.WriteKubeconfig(Scene.KubeconfigOf(server, Cluster));
        await using var git = await GitServer.StartAsync();
        var secret = Path.Combine(git.Root, "secret");
        await File.WriteAllTextAsync(secret, GitFleet.SecretOf("github"));
        await using var host = await InProcessHost.StartAsync(settings => settings with
        {
            Webhooks = new WebhookOptions { Secrets = new Dictionary<string, SecretReference> { ["github"] = new() { File = secret } } },
        });
        var scene = await Scene.CreateAsync(host, server, git, Cluster);
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: "{{scene.Name}}"}
            spec: {url: "{{scene.Work.Url}}", poll: {interval: 24h} }
            """);
        await scene.WriteConfigMapAsync("web/one.yaml", "one", "first");
        var first = await scene.PushAsync("First");
        await scene.PutApplicationAsync("web");
        await scene.SyncedAsync("web", first);

        await scene.WriteConfigMapAsync("web/one.yaml", "one", "second");
        var second = await scene.PushAsync("Second");
        using var sender = new WebhookSender(host.Url, TimeProvider.System);
        Assert.Equal(202, (await sender.PushAsync("github", scene.Work.Url)).Status);
        await scene.SyncedAsync("web", second, TimeSpan.FromSeconds(15));
        var live = await server.Client.GetJsonAsync(scene.ConfigMapPath("one"));
        Assert.Equal("second", live.GetProperty("data").GetProperty("key").GetString());
    }
}
