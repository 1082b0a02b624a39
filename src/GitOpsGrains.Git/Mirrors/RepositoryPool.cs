using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>
/// Keeps mirrors open between operations: opening one reads its configuration and maps every pack, which costs more than
/// most reads. Each opened repository is in one hand at a time. What was used longest ago is closed first.
/// </summary>
internal sealed class RepositoryPool : IDisposable
{
    /// <summary>Each holds up to three file descriptors and mappings a pack.</summary>
    private const int MaxIdle = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<(Mirror Mirror, Repository Repository)> _idle = new();
    private bool _disposed;

    /// <summary>An idle one, or null.</summary>
    public Repository? Take(Mirror mirror)
    {
        lock (_lock)
        {
            for (var node = _idle.First; node is not null; node = node.Next)
            {
                if (node.Value.Mirror != mirror) continue;
                _idle.Remove(node);
                return node.Value.Repository;
            }
        }
        return null;
    }

    public void Give(Mirror mirror, Repository repository)
    {
        Repository? closed = null;
        lock (_lock)
        {
            if (_disposed)
            {
                closed = repository;
            }
            else
            {
                _idle.AddFirst((mirror, repository));
                if (_idle.Count > MaxIdle)
                {
                    closed = _idle.Last!.Value.Repository;
                    _idle.RemoveLast();
                }
            }
        }
        closed?.Dispose();
    }

    /// <summary>Closes all that are idle of a mirror.</summary>
    public void Close(Mirror mirror)
    {
        while (Take(mirror) is { } idle) idle.Dispose();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var (_, repository) in _idle) repository.Dispose();
            _idle.Clear();
        }
    }
}
