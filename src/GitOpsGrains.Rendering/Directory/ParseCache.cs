using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Rendering.Directory;

/// <summary>
/// Parsed files by content, whichever path they lie at. Holds a bounded number of bytes; what was used longest ago goes first.
/// Nothing in it can be stale: a blob's id is its content's hash.
/// </summary>
internal sealed class ParseCache(IOptions<RenderingOptions> options)
{
    private const int ObjectOverhead = 400;
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _bytes;

    public long Bytes
    {
        get { lock (_lock) return _bytes; }
    }

    public bool TryGet(SourceFile file, RenderLimits limits, string variables, out ManifestParseResult result)
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(Key.Of(file, limits, variables), out var node))
            {
                result = null!;
                return false;
            }
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            entry = node.Value;
        }
        result = entry.Path == file.Path ? entry.Result : Move(entry.Result, file.Path);
        return true;
    }

    public void Add(SourceFile file, RenderLimits limits, string variables, ManifestParseResult result)
    {
        var entry = new Entry(Key.Of(file, limits, variables), file.Path, result, SizeOf(result));
        if (entry.Bytes > options.Value.ParseCacheBytes) return;
        lock (_lock)
        {
            if (_entries.ContainsKey(entry.Key)) return;
            _entries[entry.Key] = _byUse.AddFirst(entry);
            _bytes += entry.Bytes;
            while (_bytes > options.Value.ParseCacheBytes)
            {
                var oldest = _byUse.Last!;
                _byUse.RemoveLast();
                _entries.Remove(oldest.Value.Key);
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    private static ManifestParseResult Move(ManifestParseResult result, string path) => result with
    {
        Objects = [.. result.Objects.Select(item => item with { Position = item.Position with { File = path } })],
        Faults = [.. result.Faults.Select(fault => fault with { File = path })],
    };

    private static long SizeOf(ManifestParseResult result) =>
        ObjectOverhead
        + result.Objects.Sum(item => item.Json.Length + (long)ObjectOverhead)
        + result.Faults.Sum(fault => fault.Reason.Length * 2 + (long)ObjectOverhead);

    /// <summary>A .json file is read more strictly than the same bytes as YAML, and limits decide what is a fault.</summary>
    private sealed record Key(string BlobId, bool IsJson, RenderLimits Limits, string Variables)
    {
        public static Key Of(SourceFile file, RenderLimits limits, string variables) => new(file.BlobId, file.IsJson, limits, variables);
    }

    private sealed record Entry(Key Key, string Path, ManifestParseResult Result, long Bytes);
}
