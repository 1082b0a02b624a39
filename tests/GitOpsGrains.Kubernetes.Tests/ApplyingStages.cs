using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class ApplyingOnSimulationTests(SimulationFixture fixture) : ApplyingTests(fixture);

public sealed class ApplyingOnRealServerTests(KubernetesFixture fixture) : ApplyingTests(fixture)
{
    [Fact]
    public async Task Apply_WhileAWebhookDoesNotAnswer_IsTheWebhooksFault()
    {
        await using var server = await ApiServer.StartAsync();
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(NewTestFile()));
        await server.Client.CreateNamespaceAsync("default");
        await server.Client.PostAsync("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", $$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"dead"},
             "webhooks":[{"name":"dead.example.com","clientConfig":{"url":"https://127.0.0.1:{{FreePort.Next()}}/"},"failurePolicy":"Fail",
              "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["configmaps"]}],
              "sideEffects":"None","admissionReviewVersions":["v1"],"timeoutSeconds":1}]}
            """);

        // The server reads its webhook configurations a moment later.
        var error = await GitOpsGrains.Testing.Eventually.GetAsync(
            async () => (await connection.ApplyAsync(ConfigMaps, ConfigMap("default", "a"), ConfigMapJson("default", "a", "1"), Forced, default)).Error,
            error => error is not null, "a refusal by the webhook");

        Assert.Equal(ClusterErrorKind.WebhookFailed, error!.Kind);
        Assert.Null(connection.Status.LastError);
    }
}
