using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Tests;

/// <summary>Notes which places were asked for and which servers asked for a pause; gives a place when it is told to.</summary>
internal sealed class RecordingBudgets : IServerBudgets
{
    public ConcurrentQueue<string> Places { get; } = [];

    public ConcurrentDictionary<string, TimeSpan> Pauses { get; } = new(StringComparer.Ordinal);

    /// <summary>What a place is waited for by.</summary>
    public Task Room { get; set; } = Task.CompletedTask;

    public async Task WaitUrgentAsync(string url, CancellationToken cancellationToken)
    {
        Places.Enqueue(url);
        await Room.WaitAsync(cancellationToken);
    }

    public TimeSpan PausedFor(string url) => Pauses.GetValueOrDefault(url);

    public void Pause(string url, TimeSpan length) => Pauses[url] = length;
}
