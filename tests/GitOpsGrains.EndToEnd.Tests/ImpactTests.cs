using System.Text;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>A thousand applications on one repository: one poll, one fetch, and only who reads what changed is rendered.</summary>
public sealed class ImpactTests(SharedFleet fleet)
{
    private const int Applications = 1000;

    [Fact]
    public async Task CommitThatTouchesOneOfAThousand_IsOneFetchAndOneRender_AndOneThatTouchesNoneIsNoRender()
    {
        var scene = await fleet.NewSceneAsync();
        using var counts = new RenderCounts(scene.Name);
        for (var index = 0; index < Applications; index++) await scene.WriteConfigMapAsync($"apps/{index:0000}/c.yaml", $"c{index:0000}", "'1'");
        var first = await scene.PushAsync("A thousand");
        // Of its own accord the repository asks once a day: what comes is asked for by one refresh.
        await scene.PutRepositoryAsync("24h");
        foreach (var chunk in Enumerable.Range(0, Applications).Chunk(250)) await scene.Rest.ApplyAsync(Documents(scene, chunk));
        await Eventually.TrueAsync(async () => (await scene.GetAsync("0999")).Status.Revision == first && counts.Renders == Applications, "all rendered", TimeSpan.FromMinutes(2));

        await scene.WriteConfigMapAsync("apps/0007/c.yaml", "c0007", "'2'");
        var before = scene.Git.RequestsFor(scene.Name);
        var second = await scene.PushAsync("One of them", "0007");
        await Eventually.TrueAsync(async () => (await scene.GetAsync("0007")).Status.Revision == second, "the one at the new commit");
        Assert.Equal((1, 1), ((scene.Git.RequestsFor(scene.Name) - before).LsRefs, (scene.Git.RequestsFor(scene.Name) - before).Fetch));
        await Eventually.TrueAsync(() => Task.FromResult(counts.Spared == Applications - 1), "the others spared");
        Assert.Equal(Applications + 1, counts.Renders);

        await scene.Work.WriteAsync("README.md", "nothing for anybody");
        before = scene.Git.RequestsFor(scene.Name);
        await scene.PushAsync("None of them", "0500");
        await Eventually.TrueAsync(() => Task.FromResult(counts.Spared >= (2 * Applications) - 2), "all spared");
        Assert.Equal((1, 1), ((scene.Git.RequestsFor(scene.Name) - before).LsRefs, (scene.Git.RequestsFor(scene.Name) - before).Fetch));
        Assert.Equal(Applications + 1, counts.Renders);
    }

    /// <summary>Applications that wait for a person: no cluster is asked for anything.</summary>
    private static string Documents(Scene scene, IEnumerable<int> indices)
    {
        var text = new StringBuilder();
        foreach (var index in indices)
            text.Append($$"""
                apiVersion: gitopsgrains.io/v1
                kind: Application
                metadata: {name: "{{scene.Of($"{index:0000}")}}"}
                spec: {source: {repository: {{scene.Name}}, ref: main, path: apps/{{index:0000}}}, destination: {clusters: [{{scene.Cluster}}], namespace: {{scene.Name}}}, suspend: true}
                ---

                """);
        return text.ToString();
    }
}
