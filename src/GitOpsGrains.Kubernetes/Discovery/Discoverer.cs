using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Requests;

namespace GitOpsGrains.Kubernetes.Discovery;

/// <summary>
/// Reads all kinds of a cluster and keeps them. Callers that come together share one reading; a fresh one is never answered
/// by a reading that began before it was asked for.
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
        var roots = await Task.WhenAll(ReadRootAsync("/api"), ReadRootAsync("/apis"));
        List<Task<(GroupVersion? Version, ClusterAnswer<DiscoveryList> Answer)>> lists = [];
        List<string> failed = [];
        foreach (var root in roots)
        {
            if (!root.IsSuccess) return root.Error;
            failed.AddRange(root.Value.Stale);
            if (root.Value.Resources is { } known) lists.Add(Task.FromResult<(GroupVersion?, ClusterAnswer<DiscoveryList>)>((null, new DiscoveryList(known))));
            else lists.AddRange(root.Value.Versions.Select(ReadListAsync));
        }

        List<ApiResource> resources = [];
        foreach (var (version, answer) in await Task.WhenAll(lists))
        {
            if (answer.IsSuccess) resources.AddRange(answer.Value.Resources);
            // The cluster itself, not an aggregated API of it: an almost empty catalog would be a wrong one.
            else if (version is { Group: "" } || answer.Error.Kind is ClusterErrorKind.CircuitOpen or ClusterErrorKind.Unreachable or ClusterErrorKind.Untrusted) return answer.Error;
            else failed.Add(version!.ToString());
        }

        return catalogs.Get(resources, failed);
    }

    private Task<ClusterAnswer<DiscoveryRoot>> ReadRootAsync(string path) => sender.SendAsync(
        new ClusterRequest(HttpMethod.Get, path) { Accept = MediaTypes.AggregatedDiscovery }, DiscoveryParser.ParseRoot, lifetime);

    private async Task<(GroupVersion?, ClusterAnswer<DiscoveryList>)> ReadListAsync(GroupVersion version) =>
        (version, await sender.SendAsync(
            new ClusterRequest(HttpMethod.Get, version.Path), body => DiscoveryParser.ParseList(body, version), lifetime));
}
