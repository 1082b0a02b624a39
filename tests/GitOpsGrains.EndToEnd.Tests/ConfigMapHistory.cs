using System.Collections.Concurrent;
using System.Globalization;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>Every value that each ConfigMap of a namespace ever had, as a watch of the server shows it.</summary>
internal sealed class ConfigMapHistory : IAsyncDisposable
{
    private const string EndMark = "end-of-history";

    private readonly ApiClient _kube;
    private readonly string _space;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, List<int>> _values = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private ConfigMapHistory(ApiClient kube, string space, string version)
    {
        (_kube, _space) = (kube, space);
        _reading = Task.Run(() => ReadAsync(version));
    }

    public static async Task<ConfigMapHistory> BeginAsync(ApiClient kube, string space)
    {
        var list = await kube.GetJsonAsync($"/api/v1/namespaces/{space}/configmaps?limit=1");
        return new ConfigMapHistory(kube, space, list.Metadata("resourceVersion"));
    }

    /// <summary>All values by name, complete up to now.</summary>
    public async Task<IReadOnlyDictionary<string, List<int>>> EndAsync()
    {
        await _kube.ApplyAsync(KubeExtensions.ConfigMapPath(_space, EndMark),
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{EndMark}}"} }""", "test");
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return _values;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _reading;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        _stopping.Dispose();
    }

    private async Task ReadAsync(string version)
    {
        var path = $"/api/v1/namespaces/{_space}/configmaps?watch=true&resourceVersion={version}";
        await foreach (var happened in _kube.WatchAsync(path, _stopping.Token))
        {
            var live = happened.GetProperty("object");
            var name = live.Metadata("name");
            if (name == EndMark) _ended.TrySetResult();
            else if (name.StartsWith("item-", StringComparison.Ordinal))
                _values.GetOrAdd(name, _ => []).Add(happened.GetProperty("type").GetString() == "DELETED" ? -1 : int.Parse(live.Value()!, CultureInfo.InvariantCulture));
        }
    }
}
