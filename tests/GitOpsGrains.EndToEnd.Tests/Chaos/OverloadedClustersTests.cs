using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Faults;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>API servers that answer 429 with Retry-After to everything for a while, with many targets that want to sync.</summary>
public sealed class OverloadedClustersTests : IAsyncLifetime
{
    private const int Clusters = 4;
    private const int Applications = 10;
    private const int Objects = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly List<ClusterPlace> _places = [];
    private SimulatedFleet _simulation = null!;
    private GitServer _git = null!;
    private SiloProcess _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _simulation = await SimulatedFleet.StartAsync();
        var folder = TestFolder.New("overloaded");
        for (var index = 0; index < Clusters; index++) _places.Add(await SimulatedScenes.PlaceAsync(_simulation, folder));
        _git = await GitServer.StartAsync();
        _silo = await SiloProcess.StartNewAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _git.DisposeAsync();
        foreach (var place in _places) place.Kube.Dispose();
        await _simulation.DisposeAsync();
    }

    [Fact]
    public Task TooManyRequestsFor10Seconds_RequestsStayFewAndAllIsSyncedOnce() => StormAsync(TimeSpan.FromSeconds(10), "{limit: 5}");

    /// <summary>The tries of all syncs are used up long before the end.</summary>
    [Fact(Explicit = true)]
    public Task TooManyRequestsFor2Minutes_RequestsStayFewAndAllIsSyncedOnce() => StormAsync(TimeSpan.FromMinutes(2), "{limit: 2, backoff: {duration: 1s, factor: 1, max: 1s}}");

    private async Task StormAsync(TimeSpan storm, string retry)
    {
        var work = await _git.CreateRepositoryAsync("storm");
        var names = await RegisterAsync(work, retry);
        var before = await Task.WhenAll(_places.Select(place => RequestCounts.ReadAsync(place.Kube)));
        foreach (var cluster in _simulation.Clusters) cluster.Fault = new ClusterFault { Kind = FaultKind.TooManyRequests, RetryAfter = RetryAfter };
        var head = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Objects, "2"));
        foreach (var name in names) await _silo.Api.StartAsync($"default/{name}", "refresh");
        await StorageFaultTests.PassAsync(storm);
        var met = _simulation.Clusters.Select(cluster => cluster.FaultMet).ToArray();
        foreach (var cluster in _simulation.Clusters) cluster.Fault = ClusterFault.None;

        var ended = TimeProvider.System.GetTimestamp();
        foreach (var name in names) await _silo.Api.WaitSyncedAsync($"default/{name}", head, Patience);
        var took = TimeProvider.System.GetElapsedTime(ended);
        var writes = new List<long>();
        foreach (var (place, earlier) in _places.Zip(before)) writes.Add((await RequestCounts.ReadAsync(place.Kube)).Since(earlier).Writes("configmaps"));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Applications} targets on each of {Clusters} clusters: {string.Join(", ", met)} requests met 429 in {storm.TotalSeconds:0} s; synced {took.TotalSeconds:0.0} s after; {writes.Sum() - (Clusters * Applications * Objects)} of {writes.Sum()} writes were made twice");
        // A first round of as many as are sent at once, then two at a time after each pause; and one for each watch.
        Assert.All(met, count => Assert.InRange(count, 1, 80 + (4 * storm.TotalSeconds / RetryAfter.TotalSeconds)));
        Assert.All(writes, count => Assert.Equal(Applications * Objects, count));
        foreach (var name in names)
            Assert.Equal(Clusters, (await _silo.Api.HistoryAsync($"default/{name}")).Count(entry => entry.Revision == head && entry.Result == "Succeeded"));
    }

    private async Task<string[]> RegisterAsync(GitWorkspace work, string retry)
    {
        var head = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Objects, "1"));
        string[] names = [.. Enumerable.Range(0, Applications).Select(index => $"storm-{index}")];
        foreach (var place in _places)
            foreach (var name in names) await place.Kube.CreateNamespaceAsync(name);
        var sync = Manifests.Automated.Replace("selfHeal: true", $"selfHeal: true, retry: {retry}", StringComparison.Ordinal);
        await _silo.Api.ApplyAsync(
            string.Concat(_places.Select(place => Manifests.Cluster(place.Cluster, place.Kubeconfig))) + Manifests.Repository("storm", work.Url)
            + string.Concat(names.Select(name => Manifests.Application(name, "storm", sync: sync, clusters: string.Join(", ", _places.Select(place => place.Cluster)), space: name))));
        foreach (var name in names) await _silo.Api.WaitSyncedAsync($"default/{name}", head, Patience);
        return names;
    }
}
