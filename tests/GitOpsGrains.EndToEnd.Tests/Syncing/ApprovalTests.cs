using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>An approval lets prunes go on, and nothing else.</summary>
public abstract class ApprovalTests(ISceneMaker fleet)
{
    private const string Application = "app";

    [Fact]
    public async Task Approval_WhileANewerCommitWaitsForAPerson_DeploysNothingOfIt()
    {
        var scene = await fleet.NewSceneAsync();
        for (var index = 0; index < 12; index++) await scene.WriteConfigMapAsync($"{Application}/c{index:00}.yaml", $"c{index:00}", "one");
        await scene.PushAsync("Twelve");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, await scene.Work.HeadAsync());
        for (var index = 0; index < 11; index++) await scene.Work.DeleteAsync($"{Application}/c{index:00}.yaml");
        await scene.PushAsync("One is left: more than the budget", Application);
        await scene.ConditionAsync(Application, "PruneHeld");
        // From now on a person says when.
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(Application)}}"}
            spec:
              source: {repository: {{scene.Name}}, ref: main, path: {{Application}} }
              destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}} }
              sync: {automated: false, prune: true}
            """);
        await scene.WriteConfigMapAsync($"{Application}/c11.yaml", "c11", "two");
        var waiting = await scene.PushAsync("A change that waits", Application);
        await Eventually.GetAsync(async () => (await scene.GetAsync(Application)).Status.Revision, revision => revision == waiting, "the newer commit");

        var approved = await scene.Rest.CommandAsync(scene.Of(Application), "approve");

        Assert.Equal((OperationPhase.Succeeded, "11 pruned"), (approved.Phase, approved.Message));
        Assert.Equal(["c11"], (await scene.Kube.ConfigMapsAsync(scene.Name)).Keys);
        Assert.Equal("one", (await scene.FindLiveAsync("c11")).Value);
        Assert.Equal("OutOfSync", (await scene.GetAsync(Application)).Status.Sync);
    }
}

public sealed class ApprovalOnRealServerTests(SharedFleet fleet) : ApprovalTests(fleet);

public sealed class ApprovalOnSimulationTests(SharedFleet fleet) : ApprovalTests(fleet.Simulated);
