using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using static GitOpsGrains.EndToEnd.Tests.Syncing.Workloads;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>All errors of a commit are told before anything is written, but for those that the commit itself cures.</summary>
public abstract class PreflightTests(ISceneMaker fleet)
{
    protected const string Application = "app";

    [Fact]
    public async Task TwoBadObjectsOfTwenty_ApplyNothingAndAreReportedTogether()
    {
        var scene = await fleet.NewSceneAsync();
        for (var index = 0; index < 18; index++) await scene.WriteConfigMapAsync($"{Application}/c{index:00}.yaml", $"c{index:00}", "\'1\'");
        await scene.Work.WriteAsync($"{Application}/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Upper}\n");
        await scene.Work.WriteAsync($"{Application}/y.yaml", Deployment("web", image: "\"\""));
        var commit = await scene.PushAsync("Two of twenty are wrong");
        await scene.PutApplicationAsync(Application);

        await scene.ConditionAsync(Application, "PreflightFailed");
        var status = (await scene.GetAsync(Application)).Status;

        Assert.Equal(
            [("PreflightFailed", $"/ConfigMap:{scene.Name}/Upper", "x.yaml"), ("PreflightFailed", $"apps/Deployment:{scene.Name}/web", "y.yaml")],
            status.Conditions.Select(condition => (condition.Type, condition.Object!, condition.File!)));
        Assert.Equal(("OutOfSync", commit), (status.Sync, status.Revision));
        Assert.Empty(await scene.Kube.ConfigMapsAsync(scene.Name));
        var history = await scene.HistoryAsync(Application, commit);
        Assert.Equal("Failed", history.Result);
        Assert.StartsWith("nothing was applied: 2 of 20 objects would be refused; ", history.Error, StringComparison.Ordinal);

        await scene.Work.WriteAsync($"{Application}/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lower}\n");
        await scene.Work.WriteAsync($"{Application}/y.yaml", Deployment("web"));
        await scene.SyncedAsync(Application, await scene.PushAsync("Mend both", Application));
        Assert.Equal(19, (await scene.Kube.ConfigMapsAsync(scene.Name)).Count);
    }

    [Fact]
    public async Task BadObjectInANamespaceOfTheCommit_IsFoundBeforeTheOthersAreApplied()
    {
        var scene = await fleet.NewSceneAsync();
        var space = $"{scene.Name}-own";
        await scene.Work.WriteAsync($"{Application}/all.yaml",
            $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {space}}}\n---\n" + ConfigMap("good", "1").Replace("{name: good", $"{{name: good, namespace: {space}", StringComparison.Ordinal)
            + Deployment("web", image: "\"\"").Replace("{name: web, annotations", $"{{name: web, namespace: {space}, annotations", StringComparison.Ordinal));
        await scene.PushAsync("A namespace and what lives in it");
        await scene.PutApplicationAsync(Application);

        var condition = await scene.ConditionAsync(Application, "ApplyFailed");

        Assert.Equal($"apps/Deployment:{space}/web", condition.Object);
        Assert.Null(await scene.Kube.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/good"));
    }

    [Fact]
    public async Task DefinitionThatGainsAFieldAndItsUse_ComeInOneCommit()
    {
        var scene = await fleet.NewSceneAsync();
        var group = $"{scene.Name}.example.com";
        await scene.Work.WriteAsync($"{Application}/d.yaml", Definition(group, "size: {type: integer}"));
        await scene.Work.WriteAsync($"{Application}/t.yaml", Thing(group, "{size: 1}"));
        await scene.WriteConfigMapAsync($"{Application}/c.yaml", "beside", "\'1\'");
        var first = await scene.PushAsync("A kind and one of it");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, first);

        await scene.Work.WriteAsync($"{Application}/d.yaml", Definition(group, "size: {type: integer}, colour: {type: string}"));
        await scene.Work.WriteAsync($"{Application}/t.yaml", Thing(group, "{size: 1, colour: red}"));
        await scene.SyncedAsync(Application, await scene.PushAsync("It has a colour", Application));

        var live = await scene.Kube.GetJsonAsync($"/apis/{group}/v1/namespaces/{scene.Name}/things/t");
        Assert.Equal("red", live.GetProperty("spec").GetProperty("colour").GetString());
    }

    [Fact]
    public async Task ObjectThatHasToBeMadeAgainAndMayNotBeDeleted_BlocksBeforeTheOthersAreApplied()
    {
        var scene = await fleet.NewSceneAsync();
        const string Keep = "argocd.argoproj.io/sync-options: \"Force=true,Prune=false\"";
        await scene.Work.WriteAsync($"{Application}/all.yaml", Deployment("web", Keep) + ConfigMap("beside", "1"));
        var first = await scene.PushAsync("One that is kept");
        await scene.PutApplicationAsync(Application);
        await scene.SyncedAsync(Application, first);

        await scene.Work.WriteAsync($"{Application}/all.yaml",
            Deployment("web", Keep).Replace("app: web", "app: site", StringComparison.Ordinal) + ConfigMap("beside", "2"));
        await scene.PushAsync("Another selector", Application);
        var condition = await scene.ConditionAsync(Application, "PreflightFailed");

        Assert.Equal($"apps/Deployment:{scene.Name}/web", condition.Object);
        Assert.EndsWith("its annotation says sync-options: Prune=false, so it is not deleted to be made again", condition.Message, StringComparison.Ordinal);
        Assert.Equal("1", (await scene.FindLiveAsync("beside")).Value);
    }

    [Fact]
    public async Task DryRunOfASync_TellsWhatItWouldDoAndWritesNothing()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync($"{Application}/c.yaml", "one", "\'1\'");
        await scene.Work.WriteAsync($"{Application}/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Upper}\n");
        await scene.PushAsync("One is wrong");
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(Application)}}"}
            spec: {source: {repository: {{scene.Name}}, ref: main, path: {{Application}}}, destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}} } }
            """);

        var refused = await scene.Rest.CommandAsync(scene.Of(Application), "sync", """{"dryRun":true}""");
        await scene.Work.WriteAsync($"{Application}/x.yaml", Scene.ConfigMap("two", "'1'"));
        await scene.PushAsync("Mend it");
        var passed = await scene.Rest.CommandAsync(scene.Of(Application), "sync", """{"dryRun":true}""");

        Assert.Equal(OperationPhase.Failed, refused.Phase);
        Assert.StartsWith($"1 of 2 objects would be refused: ConfigMap {scene.Name}/Upper: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal((OperationPhase.Succeeded, "would apply 2 objects, run 0 hooks and prune 0"), (passed.Phase, passed.Message));
        Assert.Empty(await scene.Kube.ConfigMapsAsync(scene.Name));
    }

    private static string Definition(string group, string properties) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: things.{{group}}}
        spec:
          group: {{group}}
          names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
          scope: Namespaced
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: { {{properties}} } } } } }
        """;

    private static string Thing(string group, string spec) => $"apiVersion: {group}/v1\nkind: Thing\nmetadata: {{name: t}}\nspec: {spec}\n";
}

public sealed class PreflightOnSimulationTests(SharedFleet fleet) : PreflightTests(fleet.Simulated);

/// <summary>With what the simulation has not: webhooks and quotas.</summary>
public sealed class PreflightOnRealServerTests(SharedFleet fleet) : PreflightTests(fleet)
{
    private readonly SharedFleet _fleet = fleet;

    [Fact]
    public async Task BrokenWebhookAndWhatItValidates_AreMendedInOneCommit()
    {
        var scene = await _fleet.NewSceneAsync();
        await scene.Work.WriteAsync($"{Application}/w.yaml", Webhook(scene.Name, "Ignore"));
        await scene.WriteConfigMapAsync($"{Application}/c.yaml", "watched", "\'1\'");
        var first = await scene.PushAsync("A webhook");
        await scene.PutApplicationAsync(Application, selfHeal: false);
        await scene.SyncedAsync(Application, first);
        await scene.Server.Client.PatchAsync($"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{scene.Name}",
            """[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Fail"}]""", "application/json-patch+json");

        await scene.Work.WriteAsync($"{Application}/w.yaml", Webhook(scene.Name, "Ignore", "more: \"1\""));
        await scene.WriteConfigMapAsync($"{Application}/c.yaml", "watched", "\'2\'");
        await scene.SyncedAsync(Application, await scene.PushAsync("Mend it, and change what it looks at", Application));

        Assert.Equal("2", (await scene.FindLiveAsync("watched")).Value);
    }

    [Fact]
    public async Task QuotaThatOnlyTheSumBreaks_StopsHalfWayAndSaysWhatIsApplied()
    {
        var scene = await _fleet.NewSceneAsync();
        await scene.Server.Client.PostAsync($"/api/v1/namespaces/{scene.Name}/resourcequotas",
            """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"secrets":"2"}}}""");
        await Eventually.TrueAsync(async () => (await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{scene.Name}/resourcequotas/few")).GetProperty("status").TryGetProperty("used", out _), "a quota that counts");
        for (var index = 0; index < 5; index++)
            await scene.Work.WriteAsync($"{Application}/s{index}.yaml", $"apiVersion: v1\nkind: Secret\nmetadata: {{name: s{index}}}\nstringData: {{a: b}}\n");
        await scene.PushAsync("More than the quota allows");
        await scene.PutApplicationAsync(Application);

        await scene.ConditionAsync(Application, "PartiallyApplied");
        var history = await scene.HistoryAsync(Application, await scene.Work.HeadAsync());

        Assert.Equal("PartiallyApplied", history.Result);
        var live = (await scene.Server.Client.GetJsonAsync($"/api/v1/namespaces/{scene.Name}/secrets")).GetProperty("items").EnumerateArray().Select(item => item.Metadata("name"))
            .Where(name => name is ['s', >= '0' and <= '9']).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(live, history.Objects.Where(item => item.Action == "Created").Select(item => item.Object[^2..]).Order(StringComparer.Ordinal));
        Assert.Equal(5 - live.Length, history.Objects.Count(item => item.Action == "Failed" && item.Message!.Contains("exceeded quota: few", StringComparison.Ordinal)));
        Assert.InRange(live.Length, 1, 2);
    }


    /// <summary>A webhook that looks at the ConfigMaps of one namespace, and that nobody serves.</summary>
    private static string Webhook(string space, string failurePolicy, string labels = "") => $$"""
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: {{space}}, labels: { {{labels}} } }
        webhooks:
        - name: check.example.com
          failurePolicy: {{failurePolicy}}
          sideEffects: None
          timeoutSeconds: 1
          admissionReviewVersions: [v1]
          clientConfig: {url: "https://127.0.0.1:1/check"}
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{space}} } }
          rules: [{apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps]}]
        """;
}
