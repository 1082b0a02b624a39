using System.Net;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

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

    private static async Task<string?> UidAsync(Scene scene, string path) =>
        (await scene.Kube.GetJsonAsync(path)).GetProperty("metadata").GetProperty("uid").GetString();
}
