using GitOpsGrains.Engine.Clusters;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

/// <summary>The same on the real server and on the simulation.</summary>
public abstract class UpdatingTests(IKubernetesStage fixture)
{
    [Fact]
    public async Task Update_WithItsVersion_TakesThePlaceOfTheWholeObject()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        var patched = await fixture.Client.PatchAsync($"/api/v1/namespaces/{space}/configmaps/a", """{"data":{"theirs":"x"}}""");
        var version = patched.GetProperty("metadata").GetProperty("resourceVersion").GetString();

        var answer = await connection.UpdateAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Fence(first.Uid, version)), dryRun: false, default);

        Assert.Equal(first.Uid, answer.Value?.Uid);
        Assert.Equal("""{"key":"2"}""", answer.Value!.Root.GetProperty("data").ToString());
        Assert.Contains(answer.Value.Metadata.GetProperty("managedFields").EnumerateArray(),
            entry => entry.GetProperty("manager").GetString() == "gitopsgrains" && entry.GetProperty("operation").GetString() == "Update");
    }

    [Fact]
    public async Task Update_AsADryRun_WritesNothing()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;

        var answer = await connection.UpdateAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Fence(first.Uid, first.ResourceVersion)), dryRun: true, default);

        Assert.Equal("2", Data(answer.Value!, "key"));
        Assert.Equal("1", Data((await connection.GetAsync(ConfigMaps, first.Id, default)).Value!, "key"));
    }

    [Fact]
    public async Task Update_OfAnObjectThatChangedOrWasMadeAnew_IsAConflict()
    {
        await using var connection = await fixture.ConnectAsync();
        var space = await fixture.NewNamespaceAsync();
        var first = (await connection.ApplyAsync(ConfigMaps, ConfigMap(space, "a"), ConfigMapJson(space, "a", "1"), Forced, default)).Value!;
        await fixture.Client.PatchAsync($"/api/v1/namespaces/{space}/configmaps/a", """{"data":{"theirs":"x"}}""");

        var stale = await connection.UpdateAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Fence(first.Uid, first.ResourceVersion)), dryRun: false, default);
        await fixture.Client.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/a");
        var gone = await connection.UpdateAsync(ConfigMaps, first.Id, ConfigMapJson(space, "a", "2", Fence(first.Uid, first.ResourceVersion)), dryRun: false, default);

        Assert.Equal(ClusterErrorKind.Conflict, stale.Error?.Kind);
        Assert.Contains(gone.Error?.Kind, new ClusterErrorKind?[] { ClusterErrorKind.Conflict, ClusterErrorKind.NotFound });
        Assert.Null(await fixture.Client.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/a"));
    }

    private static string Fence(string uid, string? version) => $",\"uid\":\"{uid}\",\"resourceVersion\":\"{version}\"";
}
