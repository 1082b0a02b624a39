using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Tests.Clusters;

/// <summary>A cluster that answers lists and watches as a test says, one after the other; it then waits for more.</summary>
internal sealed class ScriptedConnection : IClusterConnection
{
    private readonly Channel<ClusterAnswer<ObjectPage>> _lists = Channel.CreateUnbounded<ClusterAnswer<ObjectPage>>();
    private readonly Channel<WatchEvent?> _events = Channel.CreateUnbounded<WatchEvent?>();

    private int _probes;

    public List<ListQuery> Lists { get; } = [];
    public List<WatchQuery> Watches { get; } = [];

    /// <summary>How the server answers to a probe.</summary>
    public ClusterAnswer<ServerInfo> Server { get; set; } = new ServerInfo("v1.34.0", "uid-of-cluster");

    /// <summary>The kinds that were read last.</summary>
    public ApiCatalog Kinds { get; set; } = new([], []);

    public bool HoldsDiscoveries { get; set; }

    /// <summary>Those that asked for the kinds anew, and are held: each is answered when it is completed.</summary>
    public ConcurrentQueue<TaskCompletionSource> Discoveries { get; } = new();

    /// <summary>How often the server was asked who it is.</summary>
    public int Probes => Volatile.Read(ref _probes);

    public ConnectionStatus Status => new(false, 1, null);

    public void Answer(ClusterAnswer<ObjectPage> page) => _lists.Writer.TryWrite(page);

    /// <summary>Null ends the watch, as servers do after a while.</summary>
    public void Send(WatchEvent? happened) => _events.Writer.TryWrite(happened);

    public static LiveObject ConfigMap(string name, string version, string value = "") => LiveObject.From(JsonElement.Parse(
        $$"""{"metadata":{"name":"{{name}}","namespace":"web","uid":"uid-{{name}}","resourceVersion":"{{version}}","annotations":{"v":"{{value}}"} } }"""), "v1", "ConfigMap");

    public static ObjectPage Page(string version, string? next, params LiveObject[] objects) => new(objects, version, next);

    public static WatchEvent Error(ClusterErrorKind kind) => new(WatchEventKind.Error, null, "", new ClusterError(kind, 0, kind.ToString()));

    public async Task<ClusterAnswer<ObjectPage>> ListAsync(ApiResource resource, ListQuery query, CancellationToken cancellationToken)
    {
        lock (Lists) Lists.Add(query);
        return await _lists.Reader.ReadAsync(cancellationToken);
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(ApiResource resource, WatchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (Watches) Watches.Add(query);
        while (await _events.Reader.ReadAsync(cancellationToken) is { } happened) yield return happened;
    }

    public Task<ClusterAnswer<ServerInfo>> ReadServerAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _probes);
        return Task.FromResult(Server);
    }

    public async Task<ClusterAnswer<ApiCatalog>> DiscoverAsync(bool fresh, CancellationToken cancellationToken)
    {
        if (!fresh || !HoldsDiscoveries) return Kinds;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Discoveries.Enqueue(asked);
        await asked.Task.WaitAsync(cancellationToken);
        return Kinds;
    }

    public Task<ClusterAnswer<LiveObject>> GetAsync(ApiResource resource, ResourceId id, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> ApplyAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, ApplyOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> JsonPatchAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> patch, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> CreateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<LiveObject>> UpdateAsync(ApiResource resource, ResourceId id, ReadOnlyMemory<byte> body, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<Deletion>> DeleteAsync(ApiResource resource, ResourceId id, DeleteOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<ClusterAnswer<PodLog>> ReadLogAsync(ApiResource pods, ResourceId pod, LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
