using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>
/// A user who may not grant what he does not hold: his dry run of a RoleBinding is refused while its Role is not there.
/// </summary>
public sealed class RoleTests(SharedFleet fleet, RoleTests.RestrictedServer restricted) : IClassFixture<RoleTests.RestrictedServer>
{
    private const string Application = "app";
    private const string User = "product";

    [Fact]
    public async Task RoleBindingWithItsRole_ComeInOneCommit()
    {
        var scene = await StartAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", ConfigMap("beside", "1") + Role("reader", "configmaps") + Binding("reader"));
        await scene.SyncedAsync(Application, await scene.PushAsync("A role, and who has it", Application));

        Assert.NotNull(await scene.Server.Client.FindJsonAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{scene.Name}/rolebindings/reader"));
        Assert.NotNull(await scene.FindAsync("beside"));
    }

    [Fact]
    public async Task RoleBindingWithoutItsRole_AppliesNothing()
    {
        var scene = await StartAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", ConfigMap("beside", "1") + Binding("reader"));
        await scene.PushAsync("Only who has it", Application);

        var condition = await scene.ConditionAsync(Application, "PreflightFailed");

        Assert.Equal(($"rbac.authorization.k8s.io/RoleBinding:{scene.Name}/reader", "all.yaml"), (condition.Object, condition.File));
        Assert.Contains("\"reader\" not found", condition.Message, StringComparison.Ordinal);
        Assert.Null(await scene.FindAsync("beside"));
    }

    [Fact]
    public async Task RoleThatGrantsMoreThanTheUserHolds_AppliesNothingAndSaysWhat()
    {
        var scene = await StartAsync();
        await scene.Work.WriteAsync($"{Application}/all.yaml", ConfigMap("beside", "1") + Role("reader", "secrets") + Binding("reader"));
        await scene.PushAsync("Too much", Application);

        var condition = await scene.ConditionAsync(Application, "PreflightFailed");

        Assert.Equal($"rbac.authorization.k8s.io/Role:{scene.Name}/reader", condition.Object);
        Assert.Contains("attempting to grant RBAC permissions not currently held", condition.Message, StringComparison.Ordinal);
        Assert.Null(await scene.FindAsync("beside"));
        Assert.Null(await scene.Server.Client.FindJsonAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{scene.Name}/roles/reader"));
    }

    private async Task<Scene> StartAsync()
    {
        var scene = await fleet.NewSceneAsync(restricted.Server, "restricted", User);
        await scene.PutApplicationAsync(Application);
        return scene;
    }

    private static string Role(string name, string resource) => $$"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: {{name}} }
        rules: [{apiGroups: [""], resources: [{{resource}}], verbs: [get]}]
        ---

        """;

    private static string Binding(string role) => $$"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: {{role}} }
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{role}} }
        subjects: [{kind: ServiceAccount, name: default, namespace: default}]
        ---

        """;

    /// <summary>A server whose product user holds ConfigMaps and may write roles, and nothing else.</summary>
    public sealed class RestrictedServer() : ApiServerFixture(new ApiServerOptions { Users = [new TestUser(User, "token-of-a-restricted-user")] })
    {
        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            if (!HasServer) return;
            const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
            await Server.Client.PostAsync($"{Rbac}/clusterroles", """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"product"},"rules":[
                  {"apiGroups":[""],"resources":["configmaps"],"verbs":["*"]},
                  {"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["get","list","watch","create","update","patch","delete"]},
                  {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["*"]},
                  {"apiGroups":[""],"resources":["namespaces"],"verbs":["get","list","watch"]}]}
                """);
            await Server.Client.PostAsync($"{Rbac}/clusterrolebindings", $$"""
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"product"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"product"},
                 "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{User}}"}]}
                """);
        }
    }
}
