using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What the silo's sums hold of one target: it is put in, moved and taken out again.</summary>
internal sealed class TargetCount
{
    private static readonly KeyValuePair<string, object?>[] Tags = [.. Enum.GetNames<SyncStatus>().Select(name => new KeyValuePair<string, object?>("sync", name))];

    private SyncStatus? _sync;
    private int _held;

    /// <param name="sync">Null: this silo serves the target no more.</param>
    /// <param name="held">Objects whose deletion waits for approval.</param>
    public void Set(SyncStatus? sync, int held)
    {
        if (sync != _sync)
        {
            if (_sync is { } before) Instruments.Targets.Add(-1, Tags[(int)before]);
            if (sync is { } now) Instruments.Targets.Add(1, Tags[(int)now]);
            _sync = sync;
        }
        if (held == _held) return;
        Instruments.PrunesHeld.Add(held - _held);
        _held = held;
    }
}
