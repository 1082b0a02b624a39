using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Manifests;

namespace GitOpsGrains.Grains.Tests.Manifests;

/// <summary>A store in memory that can be held up and made to fail, and gives each blob that is put a new key.</summary>
internal sealed class ScriptedStore : IManifestStore
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _gate;
    private int _puts;

    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> Blobs { get; } = [];

    /// <summary>All calls in order: put, "get KEY", "renew KEY".</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>What a put that is not held any more fails with.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The first put has begun.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Puts wait for the release from now on.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _gate!.SetResult();

    public async Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Asked.Enqueue("put");
        var key = $"key-{Interlocked.Increment(ref _puts)}";
        _reached.TrySetResult();
        if (_gate is { } gate) await gate.Task;
        if (Fault is { } fault) throw fault;
        Blobs[key] = content;
        return key;
    }

    public Task<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"get {key}");
        return Task.FromResult(Blobs.TryGetValue(key, out var content) ? content : (ReadOnlyMemory<byte>?)null);
    }

    public Task<bool> RenewAsync(string key, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"renew {key}");
        return Task.FromResult(Blobs.ContainsKey(key));
    }

    public Task<int> RemoveUnrenewedAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw new NotSupportedException();
}
