using System.Text.Json;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Syncing;

/// <summary>
/// What a scheduler and a kubelet would do for the pods of one namespace, when the test says so: pods of the label
/// <c>run: NAME</c> wait until NAME is let go; those of a Job end, with an error where the label <c>ends: badly</c> says so.
/// </summary>
internal sealed class PodStandIn : IAsyncDisposable
{
    private const string Node = "stand-in";

    private readonly ApiClient _kube;
    private readonly string _space;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _held = [];
    private readonly Task _running;

    private PodStandIn(ApiClient kube, string space, string[] held)
    {
        (_kube, _space) = (kube, space);
        _held.UnionWith(held);
        _running = RunAsync();
    }

    /// <param name="held">Values of the label <c>run</c> whose pods do not start before <see cref="LetGoAsync"/>.</param>
    public static async Task<PodStandIn> StartAsync(ApiClient kube, string space, params string[] held)
    {
        await kube.ApplyAsync($"/api/v1/nodes/{Node}", $$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{Node}}}"} }""", "test");
        return new PodStandIn(kube, space, held);
    }

    public async Task LetGoAsync(string name)
    {
        lock (_held) _held.Remove(name);
        foreach (var pod in (await _kube.GetJsonAsync($"/api/v1/namespaces/{_space}/pods")).GetProperty("items").EnumerateArray()) await RunAsync(pod);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var change in _kube.WatchAsync($"/api/v1/namespaces/{_space}/pods?watch=true", _stopping.Token))
                if (change.GetProperty("type").GetString() is "ADDED" or "MODIFIED") await RunAsync(change.GetProperty("object"));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private async Task RunAsync(JsonElement pod)
    {
        if (pod.GetProperty("status").GetProperty("phase").GetString() != "Pending" || IsHeld(pod)) return;
        var path = $"/api/v1/namespaces/{_space}/pods/{pod.Metadata("name")}";
        try
        {
            if (!pod.GetProperty("spec").TryGetProperty("nodeName", out _))
                await _kube.PostAsync($"{path}/binding", $$$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"{{{pod.Metadata("name")}}}"},"target":{"kind":"Node","name":"{{{Node}}}"} }""");
            await _kube.PatchAsync($"{path}/status", StatusOf(pod));
        }
        catch (HttpRequestException gone) when (gone.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Conflict)
        {
            // Its owner was faster.
        }
    }

    private bool IsHeld(JsonElement pod)
    {
        lock (_held) return pod.Mark("labels", "run") is { } name && _held.Contains(name);
    }

    private static string StatusOf(JsonElement pod)
    {
        if (pod.Mark("labels", "job-name") is null)
            return """
                {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"},{"type":"ContainersReady","status":"True"}],
                 "containerStatuses":[{"name":"main","ready":true,"restartCount":0,"image":"main","imageID":"1","state":{"running":{"startedAt":"2024-01-01T00:00:00Z"} } }]} }
                """;
        return pod.Mark("labels", "ends") == "badly" ? """{"status":{"phase":"Failed"}}""" : """{"status":{"phase":"Succeeded"}}""";
    }
}
