using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>
/// The story that every bad commit must end in. Two applications of one repository are synced; then one commit changes
/// both, removes an object of the first, and holds something bad in the first's folder. The first must say exactly what
/// is wrong and leave its live objects as they are, the second must follow the commit, and the next good commit must
/// bring the first up to date by itself.
/// </summary>
internal sealed class BadCommit
{
    public const string Application = "bad";
    public const string Other = "good";

    private readonly LiveConfigMap _changed;
    private readonly LiveConfigMap _removed;

    private BadCommit(Scene scene, LiveConfigMap changed, LiveConfigMap removed) => (Scene, _changed, _removed) = (scene, changed, removed);

    public Scene Scene { get; }

    /// <summary>The last good state: synced, and read from the server.</summary>
    public static async Task<BadCommit> BeginAsync(Scene scene)
    {
        await scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "one");
        await scene.WriteConfigMapAsync("bad/b-removed.yaml", "removed", "one");
        await scene.WriteConfigMapAsync("good/c.yaml", "bystander", "one");
        var commit = await scene.PushAsync("Begin");
        await scene.PutApplicationAsync(Application);
        await scene.PutApplicationAsync(Other);
        await scene.SyncedAsync(Application, commit);
        await scene.SyncedAsync(Other, commit);
        return new BadCommit(scene, await scene.FindLiveAsync("changed"), await scene.FindLiveAsync("removed"));
    }

    /// <summary>Publishes what the test wrote into the working copy, together with a change and a removal.</summary>
    public async Task PublishAsync()
    {
        await Scene.WriteConfigMapAsync("bad/a-changed.yaml", "changed", "two");
        await Scene.Work.DeleteAsync("bad/b-removed.yaml");
        await Scene.WriteConfigMapAsync("good/c.yaml", "bystander", "two");
        await Scene.PushAsync("Break it", Application);
    }

    /// <summary>What must hold while the bad commit is the newest: the message, and nothing touched but the bystander.</summary>
    public async Task StandsAsync(params ConditionView[] expected)
    {
        await Scene.ConditionsAsync(Application, expected);
        var newest = await Scene.Work.HeadAsync();
        await Scene.SyncedAsync(Other, newest);
        await UntouchedAsync();
        Assert.Equal("two", (await Scene.FindLiveAsync("bystander")).Value);
        Assert.NotEqual("Synced", (await Scene.GetAsync(Application)).Status.Sync);
        // Asking again changes neither the verdict nor the cluster.
        await Scene.Rest.CommandAsync(Scene.Of(Application), "sync");
        await Scene.ConditionsAsync(Application, expected);
        await UntouchedAsync();
    }

    /// <summary>A commit that mends it brings everything that the bad one held back.</summary>
    public async Task MendAsync(params string[] bad)
    {
        foreach (var file in bad) await Scene.Work.DeleteAsync(file);
        var commit = await Scene.PushAsync("Mend it", Application);
        await Scene.SyncedAsync(Application, commit);
        Assert.Equal("two", (await Scene.FindLiveAsync("changed")).Value);
        Assert.Null(await Scene.FindAsync("removed"));
    }

    public async Task UntouchedAsync()
    {
        Assert.Equal(_changed, await Scene.FindLiveAsync("changed"));
        Assert.Equal(_removed, await Scene.FindLiveAsync("removed"));
    }
}
