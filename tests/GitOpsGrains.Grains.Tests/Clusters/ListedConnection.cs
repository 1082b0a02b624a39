using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>A cluster that is asked for lists only; a list is named "plural namespace", with its field selector behind.</summary>
internal sealed class ListedConnection : IClusterConnection
{
    private readonly Dictionary<string, string[]> _lists = [];
    private readonly List<(string Prefix, ClusterError Error)> _failures = [];

    public List<string> Asked { get; } = [];

    /// <summary>Every page has another behind it.</summary>
    public bool IsEndless { get; set; }

    public ConnectionStatus Status => new(false, 1, null);

    public void Has(string list, params string[] objects) => _lists[list] = objects;

    public void Fails(string prefix, ClusterError error) => _failures.Add((prefix, error));

    public Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken)
    {
        var list = $"{resource.Plural} {query.Namespace}{(query.FieldSelector is null ? "" : " " + query.FieldSelector)}";
        Asked.Add(list);
        if (_failures.FirstOrDefault(failure => list.StartsWith(failure.Prefix, StringComparison.Ordinal)) is { Error: { } error }) return Task.FromResult<ClusterAnswer<ObjectPage>>(error);
        LiveObject[] objects = [.. _lists.GetValueOrDefault(list, []).Select(json => LiveObject.From(JsonElement.Parse(json), resource.ApiVersion, resource.Kind))];
        return Task.FromResult<ClusterAnswer<ObjectPage>>(new ObjectPage(objects, "1", IsEndless ? "more" : null));
    }

    public Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken) => throw new NotSupportedException();
    public IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> ApplyAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> JsonPatchAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> CreateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> UpdateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
