using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Submodules;

/// <summary>Why submodules could not be had, by mirror and commit: a server that fails is asked again after 30 s, not by every render.</summary>
internal sealed class SubmoduleFailures(TimeProvider time)
{
    private const int MaxKnown = 1000;
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Mirror, string Commit), (string Message, GitException? Cause, long At)> _known = new();

    public GitException? Find(string mirror, string commit) =>
        _known.TryGetValue((mirror, commit), out var known) && time.GetElapsedTime(known.At) < Hold ? Of(known.Message, known.Cause) : null;

    public GitException Add(string mirror, string commit, string message, GitException? cause)
    {
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[(mirror, commit)] = (message, cause, time.GetTimestamp());
        return Of(message, cause);
    }

    public void Remove(string mirror, string commit) => _known.TryRemove((mirror, commit), out _);

    private static GitException Of(string message, GitException? cause) => new(GitErrorKind.Submodule, message, cause) { RetryAfter = cause?.RetryAfter };
}
