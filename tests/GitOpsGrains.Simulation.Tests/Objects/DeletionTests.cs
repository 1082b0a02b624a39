using GitOpsGrains.Testing;

namespace GitOpsGrains.Simulation.Tests.Objects;

/// <summary>Deletions: who goes with whom, and what holds an object.</summary>
public sealed class DeletionTests(SimulationStage stage)
{
    private const string Owner = Sample.ConfigMaps + "/owner";

    [Fact]
    public async Task Background_TakesTheOwnerAtOnce_AndItsDependentsAfterwards()
    {
        using var cluster = stage.NewLivelyCluster();
        await AddFamilyAsync(cluster);

        var answer = (await cluster.DeleteAsync(Owner, Policy("Background"))).Ok();

        Assert.Equal("Success", answer.Json.GetProperty("status").GetString());
        Assert.Equal(404, (await cluster.GetAsync(Owner)).Status);
        await ConfigMapsAreAsync(cluster, "stranger");
    }

    [Fact]
    public async Task Foreground_KeepsTheOwnerUntilItsDependentsAreGone()
    {
        using var cluster = stage.NewLivelyCluster();
        await AddFamilyAsync(cluster, ""","finalizers":["example.com/hold"]""");

        (await cluster.DeleteAsync(Owner, Policy("Foreground"))).Ok();
        await ConfigMapsAreAsync(cluster, "child", "owner", "stranger");
        var held = (await cluster.GetAsync(Owner)).Json.GetProperty("metadata");
        await IsDeletingAsync(cluster, "child");

        Assert.Equal("""["foregroundDeletion"]""", held.GetProperty("finalizers").GetRawText());
        Assert.True(held.TryGetProperty("deletionTimestamp", out _));
        await cluster.PatchAsync($"{Sample.ConfigMaps}/child", """{"metadata":{"finalizers":null}}""", SimulatedUserClient.MergePatch);
        await ConfigMapsAreAsync(cluster, "stranger");
    }

    [Fact]
    public async Task Orphan_LeavesTheDependentsWithoutTheirOwner()
    {
        using var cluster = stage.NewLivelyCluster();
        await AddFamilyAsync(cluster);

        await cluster.DeleteAsync(Owner, Policy("Orphan"));
        await ConfigMapsAreAsync(cluster, "child", "grandchild", "stranger");

        var child = await Eventually.GetAsync(() => cluster.GetAsync($"{Sample.ConfigMaps}/child"), static answer => !answer.Json.GetProperty("metadata").TryGetProperty("ownerReferences", out _), "no owner");
        Assert.False(child.Json.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _));
        Assert.True((await cluster.GetAsync($"{Sample.ConfigMaps}/grandchild")).Json.GetProperty("metadata").TryGetProperty("ownerReferences", out _));
    }

    [Fact]
    public async Task Dependent_OfTwo_StaysUntilBothAreGone()
    {
        using var cluster = stage.NewLivelyCluster();
        var (one, two) = ((await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("one"))).Uid, (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("two"))).Uid);
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("child", Sample.OwnedBy(("v1", "ConfigMap", "one", one), ("v1", "ConfigMap", "two", two))));

        await cluster.DeleteAsync($"{Sample.ConfigMaps}/one");
        var left = await Eventually.GetAsync(
            () => cluster.GetAsync($"{Sample.ConfigMaps}/child"), static answer => answer.Json.GetProperty("metadata").GetProperty("ownerReferences").GetArrayLength() == 1, "one owner");
        await cluster.DeleteAsync($"{Sample.ConfigMaps}/two");
        await ConfigMapsAreAsync(cluster);

        Assert.Equal(two, left.Json.GetProperty("metadata").GetProperty("ownerReferences")[0].GetProperty("uid").GetString());
    }

    [Fact]
    public async Task Dependent_OfAnOwnerWithoutANamespace_GoesWithIt()
    {
        using var cluster = stage.NewLivelyCluster();
        var role = (await cluster.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"all"},"rules":[]}""")).Ok().Uid;
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("child", Sample.OwnedBy(("rbac.authorization.k8s.io/v1", "ClusterRole", "all", role))));

        await cluster.DeleteAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles/all");

        await ConfigMapsAreAsync(cluster);
    }

    [Fact]
    public async Task Dependent_OfWhatIsNotThere_IsCollected()
    {
        using var cluster = stage.NewLivelyCluster();

        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("child", Sample.OwnedBy(("v1", "ConfigMap", "nobody", Guid.NewGuid().ToString()))));

        await ConfigMapsAreAsync(cluster);
    }

    [Fact]
    public async Task Policy_GivenLater_TakesTheEarlierOnesPlace()
    {
        using var cluster = stage.NewCluster();
        await AddFamilyAsync(cluster);

        await cluster.DeleteAsync(Owner, Policy("Foreground"));
        var held = await cluster.DeleteAsync($"{Owner}?propagationPolicy=Orphan");

        Assert.Equal("""["orphan"]""", held.Json.GetProperty("metadata").GetProperty("finalizers").GetRawText());
    }

    [Fact]
    public async Task Finalizers_HoldAnObject_UntilTheLastOneIsTakenAway()
    {
        using var cluster = stage.NewCluster();
        var made = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a", ""","finalizers":["example.com/one","example.com/two"]"""))).Ok();

        var held = (await cluster.DeleteAsync($"{Sample.ConfigMaps}/a")).Ok();
        var again = (await cluster.DeleteAsync($"{Sample.ConfigMaps}/a")).Ok();
        var fewer = (await cluster.PatchAsync($"{Sample.ConfigMaps}/a", """{"metadata":{"finalizers":["example.com/two"]}}""", SimulatedUserClient.MergePatch)).Ok();
        var more = await cluster.PatchAsync($"{Sample.ConfigMaps}/a", """{"metadata":{"finalizers":["example.com/two","example.com/three"]}}""", SimulatedUserClient.MergePatch);
        var last = (await cluster.PatchAsync($"{Sample.ConfigMaps}/a", """{"metadata":{"finalizers":null}}""", SimulatedUserClient.MergePatch)).Ok();

        Assert.Equal(made.Uid, held.Uid);
        Assert.Equal(held.Version, again.Version);
        Assert.NotEqual(held.Version, fewer.Version);
        Assert.Equal(422, more.Status);
        Assert.Contains("no new finalizers can be added if the object is being deleted", more.Message, StringComparison.Ordinal);
        Assert.Equal(made.Uid, last.Uid);
        Assert.Equal(404, (await cluster.GetAsync($"{Sample.ConfigMaps}/a")).Status);
    }

    [Theory]
    [InlineData("""{"preconditions":{"uid":"11111111-2222-3333-4444-555555555555"}}""", "the UID in the precondition (11111111-2222-3333-4444-555555555555) does not match the UID in record")]
    [InlineData("""{"preconditions":{"resourceVersion":"1"}}""", "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record")]
    public async Task Precondition_ThatDoesNotHold_Is409AndDeletesNothing(string options, string message)
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));

        var refused = await cluster.DeleteAsync($"{Sample.ConfigMaps}/a", options);

        Assert.Equal(409, refused.Status);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], (await cluster.GetAsync(Sample.ConfigMaps)).Names());
    }

    [Fact]
    public async Task DryRun_DeletesNothing()
    {
        using var cluster = stage.NewCluster();
        var version = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Version;

        (await cluster.DeleteAsync($"{Sample.ConfigMaps}/a?dryRun=All")).Ok();
        (await cluster.DeleteAsync($"{Sample.ConfigMaps}/a", """{"dryRun":["All"],"propagationPolicy":"Foreground"}""")).Ok();

        Assert.Equal(version, (await cluster.GetAsync($"{Sample.ConfigMaps}/a")).Version);
    }

    [Theory]
    [InlineData("Sideways")]
    [InlineData("background")]
    public async Task Policy_ThatIsNone_IsRefused(string policy)
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));

        Assert.Equal(422, (await cluster.DeleteAsync($"{Sample.ConfigMaps}/a", Policy(policy))).Status);
        Assert.Equal(200, (await cluster.GetAsync($"{Sample.ConfigMaps}/a")).Status);
    }

    [Fact]
    public async Task Namespace_TakesAllThatIsInIt_AndWaitsForWhatIsHeld()
    {
        using var cluster = stage.NewLivelyCluster();
        await cluster.PostAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}""");
        await cluster.PostAsync("/api/v1/namespaces/shop/configmaps", Sample.ConfigMap("held", ""","finalizers":["example.com/hold"]"""));
        await cluster.PostAsync("/api/v1/namespaces/shop/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"free"}}""");

        (await cluster.DeleteAsync("/api/v1/namespaces/shop")).Ok();
        await Eventually.TrueAsync(async () => (await cluster.GetAsync("/api/v1/namespaces/shop/secrets")).Names().Length == 0, "no secret");
        Assert.Equal("Terminating", (await cluster.GetAsync("/api/v1/namespaces/shop")).Json.GetProperty("status").GetProperty("phase").GetString());
        await cluster.PatchAsync("/api/v1/namespaces/shop/configmaps/held", """{"metadata":{"finalizers":null}}""", SimulatedUserClient.MergePatch);

        await Eventually.TrueAsync(async () => (await cluster.GetAsync("/api/v1/namespaces/shop")).Status == 404, "no namespace");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Definition_TakesItsObjectsWithIt(bool hasControllers)
    {
        using var cluster = hasControllers ? stage.NewLivelyCluster() : stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);
        (await cluster.PostAsync(Sample.Probes, Sample.Probe("one", "{}"))).Ok();

        (await cluster.DeleteAsync($"{Sample.Definitions}/probes.example.com")).Ok();
        Assert.Equal(404, (await cluster.GetAsync(Sample.Probes)).Status);
        (await cluster.PostAsync(Sample.Definitions, Sample.Definition)).Ok();

        Assert.Empty((await cluster.GetAsync(Sample.Probes)).Ok().Names());
    }

    [Fact]
    public async Task Definition_WhoseObjectIsHeld_WaitsForIt()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.Definitions, Sample.Definition);
        await cluster.PostAsync(Sample.Probes, """{"apiVersion":"example.com/v1","kind":"Probe","metadata":{"name":"one","finalizers":["example.com/hold"]}}""");

        var held = (await cluster.DeleteAsync($"{Sample.Definitions}/probes.example.com")).Ok();
        Assert.True((await cluster.GetAsync($"{Sample.Probes}/one")).Ok().Json.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _));
        var made = await cluster.PostAsync(Sample.Probes, Sample.Probe("two", "{}"));
        await cluster.PatchAsync($"{Sample.Probes}/one", """{"metadata":{"finalizers":null}}""", SimulatedUserClient.MergePatch);

        Assert.Equal("""["customresourcecleanup.apiextensions.k8s.io"]""", held.Json.GetProperty("metadata").GetProperty("finalizers").GetRawText());
        Assert.Equal(405, made.Status);
        Assert.Equal(404, (await cluster.GetAsync($"{Sample.Definitions}/probes.example.com")).Status);
    }

    [Fact]
    public async Task Collection_IsDeletedByItsSelector()
    {
        using var cluster = stage.NewCluster();
        foreach (var name in (string[])["a", "b", "c"]) await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap(name, $$""","labels":{"keep":"{{(name == "b" ? "yes" : "no")}}"}"""));

        (await cluster.DeleteAsync($"{Sample.ConfigMaps}?labelSelector=keep%3Dno")).Ok();

        Assert.Equal(["b"], (await cluster.GetAsync(Sample.ConfigMaps)).Names());
    }

    private static string Policy(string policy) => $$"""{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"{{policy}}"}""";

    /// <summary>owner, child, grandchild, and a stranger whose data names the owner.</summary>
    private static async Task AddFamilyAsync(SimulatedUserClient cluster, string child = "")
    {
        var owner = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("owner"))).Ok().Uid;
        var first = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("child", Sample.OwnedBy(("v1", "ConfigMap", "owner", owner)) + child))).Ok().Uid;
        (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("stranger", data: $$"""{"uid":"{{owner}}"}"""))).Ok();
        if (child.Length == 0) (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("grandchild", Sample.OwnedBy(("v1", "ConfigMap", "child", first))))).Ok();
    }

    private static async Task ConfigMapsAreAsync(SimulatedUserClient cluster, params string[] names) =>
        await Eventually.GetAsync(async () => string.Join(' ', (await cluster.GetAsync(Sample.ConfigMaps)).Names()), seen => seen == string.Join(' ', names), $"'{string.Join(' ', names)}'", TimeSpan.FromSeconds(5));

    private static Task IsDeletingAsync(SimulatedUserClient cluster, string name) => Eventually.TrueAsync(
        async () => (await cluster.GetAsync($"{Sample.ConfigMaps}/{name}")).Json.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _), $"{name} on its way", TimeSpan.FromSeconds(5));
}
