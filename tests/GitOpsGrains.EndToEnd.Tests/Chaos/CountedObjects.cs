using System.Globalization;
using System.Net;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>
/// An application of many objects, each of whose values counts commits: what any process ever wrote to any of them is in the history
/// of a watch.
/// </summary>
internal sealed class CountedObjects(ApiClient kube, GitWorkspace work, string space, int many) : IAsyncDisposable
{
    private ConfigMapHistory? _history;
    private RequestCounts _before = null!;
    private int _value;

    public string Application => $"default/{space}";

    public GitWorkspace Work => work;

    /// <summary>Of the destination, the repository and the application.</summary>
    public string Space => space;

    private string Value => _value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Commits the next value of all objects.</summary>
    public Task PublishAsync() => work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(many, (++_value).ToString(CultureInfo.InvariantCulture)));

    /// <summary>From now on everything that is written is remembered.</summary>
    public async Task WatchAsync() =>
        (_history, _before) = (await ConfigMapHistory.BeginAsync(kube, space), await RequestCounts.ReadAsync(kube));

    /// <summary>Repository and application, and the first commit synced.</summary>
    /// <param name="interval">Of the repository; null: 5 s.</param>
    public async Task RegisterAsync(FleetApi api, string cluster = FleetFixture.Cluster, TimeSpan? interval = null)
    {
        await PublishAsync();
        await api.ApplyAsync(Manifests.Repository(space, work.Url, interval) + Manifests.Application(space, space, clusters: cluster));
        await api.WaitSyncedAsync(Application, await work.HeadAsync(), TimeSpan.FromSeconds(60));
    }

    /// <summary>Has somebody look at Git, and returns when a part of the objects has the value that was published last.</summary>
    public async Task InTheMiddleAsync(FleetApi asked)
    {
        await asked.StartAsync(Application, "refresh");
        await Eventually.TrueAsync(async () => await WrittenAsync() > 20, "a sync that has begun", TimeSpan.FromSeconds(30));
    }

    /// <summary>Has somebody look at Git. While nothing can be stored that is taken or said to be not available, and never an error of the server.</summary>
    public async Task RefreshOrUnavailableAsync(FleetApi asked)
    {
        try
        {
            await asked.StartAsync(Application, "refresh");
        }
        catch (HttpRequestException refused)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }
    }

    /// <summary>How many objects have the value that was published last.</summary>
    public async Task<int> WrittenAsync() => (await kube.ConfigMapsAsync(space)).Values.Count(live => live.Value() == Value);

    /// <summary>The cluster equals Git without a person; until then the answer may be that something is not available.</summary>
    public async Task SyncedByAsync(FleetApi api, TimeSpan patience)
    {
        var head = await work.HeadAsync();
        await Eventually.GetAsync(async () => (await api.ApplicationAsync(Application)).Status, status => status.Sync == "Synced" && status.Revision == head, $"{Application} Synced at {_value}", patience);
        Assert.Equal(many, await WrittenAsync());
    }

    /// <summary>No object ever went back to an older value or was deleted, and the history has an entry for each commit. Returns how many writes were made twice.</summary>
    /// <param name="overtaken">Commits whose sync did not end before a newer one came.</param>
    public async Task<int> AssertNothingWasLostAsync(FleetApi api, int overtaken = 0)
    {
        var requests = (await RequestCounts.ReadAsync(kube)).Since(_before).Writes("configmaps");
        var values = await _history!.EndAsync();
        Assert.Equal(many, values.Count);
        Assert.All(values, item =>
        {
            Assert.DoesNotContain(-1, item.Value);
            Assert.Equal(item.Value.Order(), item.Value);
        });
        await Eventually.GetAsync(
            async () => string.Join('\n', (await api.HistoryAsync(Application)).Where(entry => entry.Result == "Succeeded").Select(entry => entry.Revision).Distinct()),
            found => found.Split('\n').Length >= _value - overtaken, $"{_value - overtaken} commits in the history", TimeSpan.FromSeconds(60));
        var needed = values.Sum(item => item.Value.Distinct().Count());
        var twice = values.Sum(item => item.Value.Count) - needed;
        TestContext.Current.TestOutputHelper?.WriteLine($"{twice} of {needed} writes were made twice; the whole cluster has got {requests} writes of ConfigMaps meanwhile");
        return twice;
    }

    public async ValueTask DisposeAsync()
    {
        if (_history is not null) await _history.DisposeAsync();
    }
}
