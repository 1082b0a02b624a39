using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Requests;

namespace GitOpsGrains.Kubernetes.Discovery;

/// <summary>
/// Reads all kinds of a cluster and keeps them. Callers that come together share one reading; a fresh one is never answered
/// by a reading that began before it was asked for. A group version that is still served but did not answer (an aggregated
/// API that is down) keeps the kinds that it had at the reading before, and is named as failed.
/// </summary>
internal sealed class Discoverer(RequestSender sender, CatalogPool catalogs, CancellationToken lifetime)
{
    private readonly Lock _gate = new();
    private ApiCatalog? _catalog;
    private Task<ClusterAnswer<ApiCatalog>>? _running;
    private Task<ClusterAnswer<ApiCatalog>>? _next;

    public Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!fresh && _catalog is not null) return Task.FromResult<ClusterAnswer<ApiCatalog>>(_catalog);
            if (_running is null) return Start().WaitAsync(cancellationToken);
            if (!fresh) return _running.WaitAsync(cancellationToken);
            _next ??= FollowAsync(_running);
            return _next.WaitAsync(cancellationToken);
        }
    }

    private Task<ClusterAnswer<ApiCatalog>> Start() => _running = Task.Run(RunAsync, CancellationToken.None);

    private async Task<ClusterAnswer<ApiCatalog>> FollowAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<ClusterAnswer<ApiCatalog>> next;
        lock (_gate)
        {
            _next = null;
            next = _running ?? Start();
        }

        return await next;
    }

    private async Task<ClusterAnswer<ApiCatalog>> RunAsync()
    {
        try
        {
            var answer = await ReadAsync();
            lock (_gate)
            {
                if (answer.IsSuccess) _catalog = answer.Value;
            }

            return answer;
        }
        finally
        {
            lock (_gate) _running = null;
        }
    }

    private async Task<ClusterAnswer<ApiCatalog>> ReadAsync()
    {
        var known = _catalog;
        var roots = await Task.WhenAll(ReadRootAsync("/api"), ReadRootAsync("/apis"));
        List<Task<(GroupVersion Version, ClusterAnswer<DiscoveryList> Answer)>> lists = [];
        foreach (var root in roots)
        {
            if (!root.IsSuccess) return root.Error;
            lists.AddRange(root.Value.Lists is { } all
                ? all.Select(list => Task.FromResult<(GroupVersion, ClusterAnswer<DiscoveryList>)>((list.Version, list)))
                : root.Value.Versions.Select(ReadListAsync));
        }

        List<ApiResource> resources = [];
        List<string> failed = [];
        foreach (var (version, answer) in await Task.WhenAll(lists))
        {
            // The cluster itself, not an aggregated API of it: an almost empty catalog would be a wrong one.
            if (!answer.IsSuccess && (version.Group.Length == 0 || answer.Error.Kind is ClusterErrorKind.CircuitOpen or ClusterErrorKind.Unreachable or ClusterErrorKind.Untrusted))
                return answer.Error;
            if (answer is not { IsSuccess: true, Value.IsStale: false }) failed.Add(version.ToString());
            resources.AddRange(answer is { IsSuccess: true, Value: { IsStale: false } or { Resources.Count: > 0 } } ? answer.Value.Resources : KeptOf(known, version));
        }

        return catalogs.Get(resources, failed);
    }

    private static IEnumerable<ApiResource> KeptOf(ApiCatalog? known, GroupVersion version) =>
        known?.All.Where(resource => resource.Group == version.Group && resource.Version == version.Version) ?? [];

    private Task<ClusterAnswer<DiscoveryRoot>> ReadRootAsync(string path) => sender.SendAsync(
        new ClusterRequest(HttpMethod.Get, path) { Accept = MediaTypes.AggregatedDiscovery }, DiscoveryParser.ParseRoot, lifetime);

    private async Task<(GroupVersion, ClusterAnswer<DiscoveryList>)> ReadListAsync(GroupVersion version) =>
        (version, await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, version.Path), body => DiscoveryParser.ParseList(body, version), lifetime));
}
