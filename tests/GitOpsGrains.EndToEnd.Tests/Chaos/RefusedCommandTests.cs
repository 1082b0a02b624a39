using System.Net;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A command that the storage takes its time with and refuses in the end: nobody may go by it meanwhile, or after.</summary>
public sealed class RefusedCommandTests : IAsyncLifetime
{
    private const string App = "app";

    private readonly RecordWrites _writes = new();
    private InProcessHost _host = null!;
    private GitServer _git = null!;
    private SimulatedScenes _scenes = null!;

    [Theory]
    [InlineData("POST", ":sync")]
    [InlineData("POST", ":suspend")]
    [InlineData("DELETE", "?cascade=foreground")]
    public async Task CommandThatIsRefused_WhileThePassOfAnotherRuns_IsNotCarriedOut(string method, string command)
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.WriteConfigMapAsync("other/two.yaml", "two", "first");
        var first = await scene.PushAsync("first");
        foreach (var application in new[] { App, "other" }) await scene.PutApplicationAsync(application);
        foreach (var application in new[] { App, "other" }) await scene.SyncedAsync(application, first);
        var path = $"/api/v1/namespaces/{scene.Name}/configmaps/one";
        var uid = await UidAsync(scene, path);

        var (held, refused) = (new TaskCompletionSource(), new TaskCompletionSource());
        _writes.Before = (grain, state) => state == "application" && grain.Contains(scene.Name, StringComparison.Ordinal) && held.TrySetResult() ? refused.Task : Task.CompletedTask;
        var answer = scene.Rest.TrySendAsync(new HttpMethod(method), $"applications/default/{scene.Of(App)}{command}");
        await held.Task;
        // The news of this commit begin a pass, which would go by what is in memory before the other application is synced.
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        await scene.WriteConfigMapAsync("other/two.yaml", "two", "second");
        var second = await scene.PushAsync("second", "other");
        await scene.SyncedAsync("other", second);
        refused.SetException(new Abstractions.StorageFailedException("refused by the test", new IOException()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await answer).Status);
        await scene.SyncedAsync(App, second);
        await scene.Kube.PatchAsync(path, """{"data":{"key":"drift"} }""", manager: "somebody");
        await Eventually.TrueAsync(
            async () => (await scene.Kube.GetJsonAsync(path)).GetProperty("data").GetProperty("key").GetString() == "second", "the drift healed");
        Assert.Equal(uid, await UidAsync(scene, path));
        Assert.Null((await scene.GetAsync(App)).Status.Operation);
    }

    /// <summary>Of a new application nothing else would ever come by: it is stored, and has no reminder.</summary>
    [Fact]
    public async Task Apply_WhoseReminderIsRefused_IsUnavailableAndDoneByTheSameApplyAgain()
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var commit = await scene.PushAsync("first");
        _writes.Faults = (grain, state) => state == "reminder" && grain.Contains(scene.Name, StringComparison.Ordinal) ? RecordFault.Refused : RecordFault.None;

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => scene.PutApplicationAsync(App));
        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the reminder of the periodic check can't be stored", refused.Message, StringComparison.Ordinal);
        await scene.SyncedAsync(App, commit);
        Assert.Contains("503", (await Assert.ThrowsAnyAsync<Exception>(() => scene.PutApplicationAsync(App))).Message, StringComparison.Ordinal);

        _writes.Faults = null;
        Assert.Null(await ReminderAsync());
        await scene.PutApplicationAsync(App);
        Assert.NotNull(await ReminderAsync());

        async Task<ReminderEntry?> ReminderAsync() => (await _host.Services.GetRequiredService<IReminderTable>().ReadRows(0, 0)).Reminders
            .SingleOrDefault(row => row.GrainId.Key.ToString()!.Contains(scene.Name, StringComparison.Ordinal));
    }

    /// <summary>The pass has asked Git before the command came, and hands down what is in memory when it is told: the target must hear again.</summary>
    [Fact]
    public async Task SuspensionThatIsRefused_AfterThePassUnderWayHandedItDown_IsTakenBackFromTheTarget()
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var first = await scene.PushAsync("first");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);
        var asked = _git.RequestsFor(scene.Name).Total;
        _git.Misbehave(GitServerFault.Hang, scene.Name);
        await scene.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{scene.Of(App)}:refresh");
        await Eventually.TrueAsync(() => _git.RequestsFor(scene.Name).Total > asked, "a pass that waits for Git");

        var (held, refused) = (new TaskCompletionSource(), new TaskCompletionSource());
        _writes.Before = (grain, state) => state == "application" && grain.Contains(scene.Name, StringComparison.Ordinal) && held.TrySetResult() ? refused.Task : Task.CompletedTask;
        var answer = scene.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{scene.Of(App)}:suspend");
        await held.Task;
        var handedDown = TargetWrites(scene);
        _git.Misbehave(GitServerFault.None, scene.Name);
        await Eventually.TrueAsync(() => TargetWrites(scene) > handedDown, "a target that was told", TimeSpan.FromSeconds(60));
        refused.SetException(new Abstractions.StorageFailedException("refused by the test", new IOException()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await answer).Status);
        var path = $"/api/v1/namespaces/{scene.Name}/configmaps/one";
        await scene.Kube.PatchAsync(path, """{"data":{"key":"drift"} }""", manager: "somebody");
        await Eventually.TrueAsync(async () => (await scene.Kube.GetJsonAsync(path)).GetProperty("data").GetProperty("key").GetString() == "first", "the drift healed");
    }

    /// <summary>The application has stored that it is deleted, and its target could not: until the next try it lives as before.</summary>
    [Fact]
    public async Task ReleaseThatTheTargetCannotStore_IsNotBegunUntilItIsOrderedAgain()
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var first = await scene.PushAsync("first");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);
        var path = $"/api/v1/namespaces/{scene.Name}/configmaps/one";
        var uid = await UidAsync(scene, path);
        // What is written behind is stored by now: the next write is the release's.
        await Eventually.TrueAsync(async () => (await scene.GetTargetAsync(App)).Sync == "Synced", "a target that is done");
        await _writes.SettledAsync(scene.Name);

        var refusals = 0;
        _writes.Faults = (grain, state) => state == "target" && grain.Contains(scene.Name, StringComparison.Ordinal) && Interlocked.Increment(ref refusals) == 1 ? RecordFault.Refused : RecordFault.None;
        Assert.Equal(HttpStatusCode.Accepted, (await scene.Rest.TrySendAsync(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=foreground")).Status);
        await Eventually.TrueAsync(() => Volatile.Read(ref refusals) >= 1, "the order to let go");
        // The application orders it again 15 s later. A target that is being released would not heal, but delete.
        await scene.Kube.PatchAsync(path, """{"data":{"key":"drift"} }""", manager: "somebody");
        await Eventually.TrueAsync(
            async () => (await scene.Kube.GetJsonAsync(path)).GetProperty("data").GetProperty("key").GetString() == "first", "the drift healed", TimeSpan.FromSeconds(12));
        Assert.Equal(uid, await UidAsync(scene, path));

        await Eventually.TrueAsync(
            async () => (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}")).Status == HttpStatusCode.NotFound, "the end of the application", TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.NotFound, await scene.Kube.GetStatusAsync(path));
    }

    /// <summary>The pass of a document that is corrected before its end must not order what only that document wanted.</summary>
    [Fact]
    public async Task DeletionPolicyThatIsTakenBack_WhileThePassThatLeavesAClusterRuns_DeletesNothing()
    {
        var (scene, other) = (await _scenes.NewSceneAsync(), await _scenes.NewSceneAsync());
        await other.Kube.CreateNamespaceAsync(scene.Name);
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var commit = await scene.PushAsync("first");
        await scene.Work.BranchAsync("next");
        await scene.Work.PushAsync();
        await PutAsync("main", $"{scene.Cluster}, {other.Cluster}", "keep");
        await scene.SyncedAsync(App, commit);
        var path = scene.ConfigMapPath("one");
        var uid = await UidAsync(scene, path);

        // Another branch, so that each pass asks Git, and waits for it.
        var asked = _git.RequestsFor(scene.Name).Total;
        _git.Misbehave(GitServerFault.Hang, scene.Name);
        await PutAsync("next", other.Cluster, "delete");
        await Eventually.TrueAsync(() => _git.RequestsFor(scene.Name).Total > asked, "a pass that waits for Git");
        await PutAsync("next", other.Cluster, "keep");
        _git.Misbehave(GitServerFault.None, scene.Name);

        await Eventually.TrueAsync(async () => (await scene.Kube.GetJsonAsync(path)).GetProperty("metadata").TryGetProperty("annotations", out var marks) is var any
            && (!any || !marks.TryGetProperty("gitopsgrains.io/target", out _)), "the object let go of", TimeSpan.FromSeconds(60));
        Assert.Equal(uid, await UidAsync(scene, path));

        Task PutAsync(string reference, string clusters, string policy) => scene.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: "{{scene.Of(App)}}"}
            spec:
              source: {repository: {{scene.Name}}, ref: {{reference}}, path: app}
              destination: {clusters: [{{clusters}}], namespace: {{scene.Name}}}
              deletionPolicy: {{policy}}
              sync: {automated: true, prune: true, selfHeal: true}
            """);
    }

    /// <summary>A change of mind that is only in memory is undone by the next crash.</summary>
    [Fact]
    public async Task PolicyThatTheTargetCannotStore_IsStoredBeforeItCountsAsHandedDown()
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, await scene.PushAsync("first", App));
        await Eventually.TrueAsync(async () => (await scene.GetTargetAsync(App)).Sync == "Synced", "a target that is done");
        await _writes.SettledAsync(scene.Name);

        var (refusals, before) = (0, TargetWrites(scene));
        _writes.Faults = (grain, state) => state == "target" && grain.Contains(scene.Name, StringComparison.Ordinal) && Interlocked.Increment(ref refusals) == 1 ? RecordFault.Refused : RecordFault.None;
        await scene.PutApplicationAsync(App, prune: "false");

        // The application hands it down again 15 s later.
        await Eventually.TrueAsync(() => Volatile.Read(ref refusals) >= 2, "the policy stored", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => TargetWrites(scene) > before, "a write that was taken");
    }

    /// <summary>A subscriber that is gone and stays in the record would keep its repository from being deleted after the next start.</summary>
    [Fact]
    public async Task EndOfASubscription_ThatTheRepositoryCannotStore_IsStoredWhenItIsToldAgain()
    {
        var scene = await _scenes.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var first = await scene.PushAsync("first");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);
        await _writes.SettledAsync(scene.Name);

        var tries = 0;
        _writes.Faults = (grain, state) => state == "repository" && grain == scene.Name && Interlocked.Increment(ref tries) == 1 ? RecordFault.Refused : RecordFault.None;
        await scene.Rest.TrySendAsync(HttpMethod.Delete, $"applications/default/{scene.Of(App)}?cascade=keep");
        await Eventually.TrueAsync(
            async () => (await scene.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{scene.Of(App)}")).Status == HttpStatusCode.NotFound, "the end of the application", TimeSpan.FromSeconds(60));

        Assert.Equal(2, Volatile.Read(ref tries));
    }

    /// <summary>Nobody waits for that write, and no other one may come before the next start, which would accept whichever cluster answers then.</summary>
    [Fact]
    public async Task IdentityOfACluster_ThatIsRefused_IsStoredLater()
    {
        var tries = 0;
        // The first of the cluster's writes is its document's.
        _writes.Faults = (grain, state) => state == "cluster" && Interlocked.Increment(ref tries) == 2 ? RecordFault.Refused : RecordFault.None;
        var scene = await _scenes.NewSceneAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref tries) >= 2, "the identity seen", TimeSpan.FromSeconds(30));
        await Eventually.GetAsync(() => _writes.Of(scene.Cluster)["cluster"], stored => stored == 2, "the identity stored", TimeSpan.FromSeconds(30));
        Assert.Equal(3, Volatile.Read(ref tries));
    }

    /// <summary>What was verified is what the next commits are measured by: a refused change of the document may not lower the bar.</summary>
    [Fact]
    public async Task RepositoryChangeThatIsRefused_LeavesWhatWasVerified()
    {
        await using var keys = new SigningKeys();
        var ada = await keys.NewSshAsync("ada");
        var file = Path.Combine(_git.Root, "ada.keys");
        await File.WriteAllTextAsync(file, ada.PublicKey);
        var scene = await _scenes.NewSceneAsync();
        await scene.PutRepositoryAsync("24h", $$""", verification: {mode: all, keys: [{sshFrom: {file: "{{file}}"} }] }""");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "first");
        var first = await PushSignedAsync(scene, ada);
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, first);

        _writes.Faults = (grain, state) => state == "repository" && grain == scene.Name ? RecordFault.Refused : RecordFault.None;
        var refused = await Assert.ThrowsAsync<RestException>(() => scene.PutRepositoryAsync("24h", ", verification: {mode: none}"));
        _writes.Faults = null;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);

        await scene.WriteConfigMapAsync("app/one.yaml", "one", "second");
        var plain = await scene.PushAsync("not signed");
        await scene.WriteConfigMapAsync("app/one.yaml", "one", "third");
        var head = await PushSignedAsync(scene, ada, App);

        Assert.Equal($"commit {plain}, an ancestor of {head}: it is not signed", (await scene.ConditionAsync(App, ConditionTypes.VerificationFailed)).Message);
        Assert.Equal(first, (await scene.GetAsync(App)).Status.Revision);
    }

    public async ValueTask InitializeAsync()
    {
        _host = await InProcessHost.StartAsync(writes: _writes);
        _git = await GitServer.StartAsync();
        _scenes = new SimulatedScenes(() => Task.FromResult((_host, _git)));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _scenes.DisposeAsync();
        await _git.DisposeAsync();
    }

    private static async Task<string> PushSignedAsync(Scene scene, SigningKey key, params string[] applications)
    {
        var commit = await scene.Work.CommitSignedAsync(key, "Change");
        await scene.Work.PushAsync();
        foreach (var application in applications) await scene.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{scene.Of(application)}:refresh");
        return commit;
    }

    private int TargetWrites(Scene scene) => _writes.Of(scene.Name).GetValueOrDefault("target");

    private static async Task<string?> UidAsync(Scene scene, string path) =>
        (await scene.Kube.GetJsonAsync(path)).GetProperty("metadata").GetProperty("uid").GetString();
}
