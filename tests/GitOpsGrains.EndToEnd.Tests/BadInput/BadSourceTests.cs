using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>Sources that name nothing, repositories that are empty, and Git servers that don't answer.</summary>
public sealed class BadSourceTests(SharedFleet fleet)
{
    [Fact]
    public async Task FolderEmptied_AppliesAndPrunesNothing()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.Work.DeleteAsync("bad");
        await scene.Work.WriteAsync("bad/README.md", "Nothing to see.");
        await scene.WriteConfigMapAsync("good/c.yaml", "bystander", "two");
        await scene.PushAsync("Empty the folder", BadCommit.Application);
        await story.StandsAsync(new ConditionView { Type = "RenderEmpty", Message = "no manifest was found at path 'bad'; nothing is applied or pruned" });
        await RestoreAsync(story);
    }

    [Fact]
    public async Task FolderGone_AppliesAndPrunesNothing()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.Work.DeleteAsync("bad");
        await scene.WriteConfigMapAsync("good/c.yaml", "bystander", "two");
        await scene.PushAsync("Remove the folder", BadCommit.Application);
        await story.StandsAsync(new ConditionView { Type = "PathMissing", Message = "the commit has no 'bad'" });
        await RestoreAsync(story);
    }

    [Fact]
    public async Task FolderBecomesALinkOutOfTheRepository_IsRefused()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.Work.DeleteAsync("bad");
        scene.Work.Link("bad", "../../etc");
        await scene.WriteConfigMapAsync("good/c.yaml", "bystander", "two");
        await scene.PushAsync("Link the folder", BadCommit.Application);
        await story.StandsAsync(new ConditionView { Type = "PathMissing", Message = "the path 'bad' is refused: a symbolic link on it leaves the repository" });
        await scene.Work.DeleteAsync("bad");
        await RestoreAsync(story);
    }

    [Fact]
    public async Task PathWithDots_IsRefusedWithItsField_AndTheStoredDocumentStands()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var refusal = await Assert.ThrowsAsync<RestException>(() => story.Scene.PutApplicationAsync(BadCommit.Application, "bad/../../secrets"));
        Assert.Equal(HttpStatusCode.BadRequest, refusal.Status);
        var fault = Assert.Single(refusal.Problem.Faults!);
        Assert.Equal(("spec.source.path", "must not hold '..'", 0), (fault.Path, fault.Message, fault.Document));
        Assert.Equal("bad", (await story.Scene.GetAsync(BadCommit.Application)).Spec.Source!.Path);
        await story.UntouchedAsync();
    }

    [Fact]
    public async Task EmptyRepository_IsSaidAndRecovers()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.PutApplicationAsync("app");
        await scene.ConditionsAsync("app", new ConditionView { Type = "RepositoryEmpty", Message = "the repository has no commit" });
        await scene.WriteConfigMapAsync("app/c.yaml", "first", "one");
        await scene.SyncedAsync("app", await scene.PushAsync("Begin", "app"));
        Assert.Equal("one", (await scene.FindLiveAsync("first")).Value);
    }

    [Fact]
    public async Task BranchDeleted_IsSaid_AndTheBranchThatComesBackIsFollowed()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/c.yaml", "first", "one");
        await scene.WriteConfigMapAsync("other/c.yaml", "second", "one");
        await scene.PushAsync("Begin");
        await scene.Work.BranchAsync("release");
        await scene.Work.PushAsync();
        await scene.PutApplicationAsync("app", reference: "release");
        await scene.PutApplicationAsync("other");
        await scene.SyncedAsync("app", await scene.Work.HeadAsync());
        var before = await scene.FindLiveAsync("first");
        await scene.Work.DeleteRemoteBranchAsync("release");
        await scene.Work.SwitchAsync("main");
        await scene.WriteConfigMapAsync("other/c.yaml", "second", "two");
        var main = await scene.PushAsync("Go on", "app");
        await scene.ConditionsAsync("app", new ConditionView { Type = "RevisionMissing", Message = "the repository has no branch or tag 'release'" });
        await scene.SyncedAsync("other", main);
        Assert.Equal(before, await scene.FindLiveAsync("first"));
        await scene.Work.SwitchAsync("release");
        await scene.WriteConfigMapAsync("app/c.yaml", "first", "two");
        await scene.SyncedAsync("app", await scene.PushAsync("Release again", "app"));
        Assert.Equal("two", (await scene.FindLiveAsync("first")).Value);
    }

    [Fact]
    public async Task ApplicationOfARepositoryThatNobodyRegistered_IsSaid()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: {{scene.Of("app")}} }
            spec: {source: {repository: {{scene.Name}}-none, ref: main, path: app}, destination: {clusters: [{{scene.Cluster}}]} }
            """);
        await scene.ConditionsAsync("app", new ConditionView { Type = "RepositoryMissing", Message = $"there is no repository {scene.Name}-none" });
    }

    [Fact]
    public async Task ServerRefuses_DriftIsRepairedAndTheNextAnswerIsFollowed()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        scene.Git.Misbehave(GitServerFault.Unavailable, scene.Name);
        await scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "two");
        await scene.PushAsync("Go on unseen", BadCommit.Application);
        await scene.ConditionsAsync(BadCommit.Application, new ConditionView { Type = "RepositoryUnreachable", Message = "the server answers with the error 503" });
        await story.UntouchedAsync();

        // The last good state is still kept: what others change meanwhile is put back.
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath("changed"), """{"data":{"key":"rogue"}}""");
        await Eventually.GetAsync(() => scene.FindLiveAsync("changed"), live => live.Value == "one", "the drift repaired without Git");

        scene.Git.Misbehave(GitServerFault.None, scene.Name);
        await scene.Rest.CommandAsync(scene.Of(BadCommit.Application), "refresh");
        await scene.SyncedAsync(BadCommit.Application, await scene.Work.HeadAsync());
        Assert.Equal("two", (await scene.FindLiveAsync("changed")).Value);
    }

    [Fact]
    public async Task ServerHangs_TimesOutAndHoldsUpNobodyElse()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var neighbour = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        scene.Git.Misbehave(GitServerFault.Hang, scene.Name);
        await scene.Work.WriteAsync("bad/new.yaml", Scene.ConfigMap("new", "one"));
        await scene.Work.CommitAsync("Go on unseen");
        await scene.Work.PushAsync();
        var refresh = scene.Rest.CommandAsync(scene.Of(BadCommit.Application), "refresh");

        // While the one hangs, another repository of the same server is followed.
        await neighbour.PublishAsync();
        await neighbour.MendAsync();
        Assert.False(refresh.IsCompleted);

        var ended = await refresh;
        Assert.Equal((OperationPhase.Failed, $"repository {scene.Name}: no answer within 30 s"), (ended.Phase, ended.Message));
        await scene.ConditionsAsync(BadCommit.Application, new ConditionView { Type = "RepositoryUnreachable", Message = $"repository {scene.Name}: no answer within 30 s" });
        await story.UntouchedAsync();
        scene.Git.Misbehave(GitServerFault.None, scene.Name);
        await scene.Rest.CommandAsync(scene.Of(BadCommit.Application), "refresh");
        await scene.SyncedAsync(BadCommit.Application, await scene.Work.HeadAsync());
        Assert.Equal("one", (await scene.FindLiveAsync("new")).Value);
    }

    /// <summary>A commit that brings the folder back with one object changed and one left out.</summary>
    private static async Task RestoreAsync(BadCommit story)
    {
        await story.Scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "two");
        await story.MendAsync();
    }
}
