using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>Applications whose manifests lie in submodules.</summary>
public sealed class SubmoduleTests(SharedFleet fleet)
{
    private const string App = "app";

    [Fact]
    public async Task Application_in_a_submodule_is_synced_at_the_recorded_commit_and_follows_it()
    {
        var (scene, module) = await StartAsync("submodules: {fetch: true}");
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);

        var moved = await module.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "second"));
        await module.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "third"));
        await scene.SyncedAsync(App, await MoveAsync(scene, module, moved));

        Assert.Equal("second", (await scene.FindLiveAsync("one")).Value);
    }

    [Fact]
    public async Task Rollback_of_an_application_in_a_submodule_moves_the_submodule_back_when_that_is_asked_for()
    {
        var (scene, module) = await StartAsync("submodules: {fetch: true}");
        await GitProcess.RunAsync(scene.Work.BareFolder, ["config", "http.receivepack", "true"]);
        await scene.SyncedAsync(App, await scene.Work.HeadAsync());
        await scene.SyncedAsync(App, await MoveAsync(scene, module, await module.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "second"))));

        var without = await scene.Rest.CommandAsync(scene.Of(App), "rollback");
        var with = await scene.Rest.CommandAsync(scene.Of(App), "rollback", """{"includeShared": true}""");

        Assert.EndsWith("to restore them: --include-shared (lib)", without.Message, StringComparison.Ordinal);
        Assert.Equal(["lib"], with.Rollback!.Files);
        await scene.SyncedAsync(App, with.Rollback.Commit);
        Assert.Equal("first", (await scene.FindLiveAsync("one")).Value);
    }

    [Fact]
    public async Task Submodules_are_not_read_unless_the_repository_asks_for_them()
    {
        var (scene, _) = await StartAsync("");

        var status = await Testing.Eventually.GetAsync(
            async () => (await scene.Rest.GetApplicationAsync(scene.Of(App))).Status, found => found.Conditions.Any(condition => condition.Type == "PathMissing"), "a condition");

        Assert.Equal(
            "the path 'lib/app' is refused: 'lib' is a submodule, which is not fetched; submodules.fetch of the repository asks for it",
            status.Conditions.Single(condition => condition.Type == "PathMissing").Message);
    }

    private async Task<(Scene Scene, GitWorkspace Module)> StartAsync(string submodules)
    {
        var scene = await fleet.NewSceneAsync();
        var module = await scene.Git.CreateRepositoryAsync(scene.Name + "-module");
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: "{{scene.Name}}"}
            spec:
              url: "{{scene.Work.Url}}"
              poll: {interval: 5s}
              {{submodules}}
            """);
        await MoveAsync(scene, module, await module.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "first")));
        await scene.PutApplicationAsync(App, path: "lib/app");
        return (scene, module);
    }

    private static async Task<string> MoveAsync(Scene scene, GitWorkspace module, string commit)
    {
        await scene.Work.SetSubmoduleAsync("lib", $"../{Path.GetFileName(module.BareFolder)}", commit);
        return await scene.PushAsync("Move the submodule");
    }
}
