using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>A cluster with one object, which answers as a test says and notes what it was asked.</summary>
internal sealed class ObjectConnection : IClusterConnection
{
    public List<string> Requests { get; } = [];
    public Queue<ClusterAnswer<LiveObject>> Reads { get; } = new();

    /// <summary>The answer to a dry run of another name, which stands as NAME in it; null: accepted.</summary>
    public ClusterError? Tried { get; set; }

    public ClusterAnswer<Deletion> Deleted { get; set; } = new Deletion(true, []);

    public ConnectionStatus Status => new(false, 1, null);

    public Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken)
    {
        Requests.Add("get");
        return Task.FromResult(Reads.Dequeue());
    }

    public Task<ClusterAnswer<LiveObject>> ApplyAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken)
    {
        Requests.Add(options.DryRun ? "try" : "apply");
        return Task.FromResult<ClusterAnswer<LiveObject>>(Tried is { } refusal
            ? refusal with { Message = refusal.Message.Replace("NAME", id.Name, StringComparison.Ordinal) }
            : LiveObject.From(System.Text.Json.JsonElement.Parse(body.Span), resource.ApiVersion, resource.Kind));
    }

    public Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken)
    {
        Requests.Add($"delete {options.Uid} {options.ResourceVersion} {options.Propagation}");
        return Task.FromResult(Deleted);
    }

    public Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> JsonPatchAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> CreateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> UpdateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
