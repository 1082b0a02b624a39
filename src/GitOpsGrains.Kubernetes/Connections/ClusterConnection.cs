using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Kubernetes.Applying;
using GitOpsGrains.Kubernetes.Budget;
using GitOpsGrains.Kubernetes.Discovery;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Kubernetes.Reading;
using GitOpsGrains.Kubernetes.Requests;
using GitOpsGrains.Kubernetes.Watching;

namespace GitOpsGrains.Kubernetes.Connections;

/// <summary>One cluster's API over one HTTP client, with one budget, one breaker and one discovery cache.</summary>
internal sealed class ClusterConnection : IClusterConnection
{
    private readonly ClusterEndpoint _endpoint;
    private readonly k8s.Kubernetes _client;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly RequestBudget _budget;
    private readonly CircuitBreaker _breaker;
    private readonly RequestSender _sender;
    private readonly Discoverer _discoverer;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly ObjectWatcher _watcher;

    public ClusterConnection(ClusterEndpoint endpoint, CatalogPool catalogs, KubernetesOptions options, TimeProvider time)
    {
        _endpoint = endpoint;
        _client = ClusterHttp.Create(endpoint, options);
        _budget = new RequestBudget(options.InitialConcurrency, options.MaxConcurrency, options.ChecksShare, time);
        _breaker = new CircuitBreaker(options.BreakerFailures, options.BreakerWindow, options.BreakerOpenFor, options.BreakerLongestOpen, time);
        _sender = new RequestSender(_client.HttpClient, endpoint, _budget, _breaker, options, time);
        _discoverer = new Discoverer(_sender, catalogs, _lifetime.Token);
        _reader = new ObjectReader(_sender);
        _writer = new ObjectWriter(_sender);
        _watcher = new ObjectWatcher(_sender, options, time);
        Checks = new ChecksConnection(this);
    }

    public ConnectionStatus Status => new(_breaker.IsOpen, _budget.Concurrency, _breaker.LastError) { Warnings = _endpoint.Warnings };

    public IClusterConnection Checks { get; }

    public Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken) => _reader.ReadServerAsync(cancellationToken);

    public Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken) =>
        _discoverer.DiscoverAsync(fresh, cancellationToken);

    public Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken) =>
        _reader.GetAsync(resource, id, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken) =>
        _reader.ListAsync(resource, query, RequestLane.Normal, cancellationToken);

    public IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, CancellationToken cancellationToken) =>
        _watcher.WatchAsync(resource, query, cancellationToken);

    public Task<ClusterAnswer<LiveObject>> ApplyAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken) =>
        _writer.ApplyAsync(resource, id, body, options, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<LiveObject>> JsonPatchAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken) =>
        _writer.PatchAsync(resource, id, patch, dryRun, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<LiveObject>> CreateAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        _writer.CreateAsync(resource, id, body, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<LiveObject>> UpdateAsync(
        ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken) =>
        _writer.UpdateAsync(resource, id, body, dryRun, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken) =>
        _writer.DeleteAsync(resource, id, options, RequestLane.Normal, cancellationToken);

    public Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken) =>
        _reader.ReadLogAsync(pods, pod, query, RequestLane.Normal, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync();
        await _sender.WritesEndAsync();
        _client.Dispose();
        _budget.Dispose();
        _endpoint.Dispose();
        _lifetime.Dispose();
    }

    /// <summary>The same connection, in the lane of checks.</summary>
    private sealed class ChecksConnection(ClusterConnection whole) : IClusterConnection
    {
        public ConnectionStatus Status => whole.Status;

        public IClusterConnection Checks => this;

        public Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken) => whole.ReadServerAsync(cancellationToken);

        public Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken) =>
            whole.DiscoverAsync(fresh, cancellationToken);

        public Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken) =>
            whole._reader.GetAsync(resource, id, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken) =>
            whole._reader.ListAsync(resource, query, RequestLane.Checks, cancellationToken);

        public IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, CancellationToken cancellationToken) =>
            whole.WatchAsync(resource, query, cancellationToken);

        public Task<ClusterAnswer<LiveObject>> ApplyAsync(
            ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken) =>
            whole._writer.ApplyAsync(resource, id, body, options, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<LiveObject>> JsonPatchAsync(
            ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken) =>
            whole._writer.PatchAsync(resource, id, patch, dryRun, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<LiveObject>> CreateAsync(
            ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            whole._writer.CreateAsync(resource, id, body, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<LiveObject>> UpdateAsync(
            ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken) =>
            whole._writer.UpdateAsync(resource, id, body, dryRun, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken) =>
            whole._writer.DeleteAsync(resource, id, options, RequestLane.Checks, cancellationToken);

        public Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken) =>
            whole._reader.ReadLogAsync(pods, pod, query, RequestLane.Checks, cancellationToken);

        // The connection belongs to the one that made it.
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
