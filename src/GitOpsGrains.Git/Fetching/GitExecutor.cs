using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Runs native Git code, which blocks and can't be cancelled, on a few threads of its own. A job's task ends when the
/// native code has ended; callers with less patience wait beside it.
/// </summary>
internal sealed class GitExecutor : IDisposable
{
    // Threads sleep on a monitor: a BlockingCollection spins first, which was a twentieth of the processor time of a fleet's syncs.
    private readonly object _gate = new();
    private readonly Queue<Action> _jobs = new();
    private readonly SemaphoreSlim _room;
    private readonly string _name;
    private bool _isDisposed;

    public GitExecutor(string name, int threads, int queueLength)
    {
        (_name, _room) = (name, new SemaphoreSlim(queueLength));
        for (var index = 0; index < threads; index++)
            new Thread(RunJobs) { IsBackground = true, Name = $"{name}-{index}" }.Start();
    }

    /// <summary>Runs the job, or cancels it if the token is cancelled before a thread is free.</summary>
    public async Task<T> RunAsync<T>(Func<T> job, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await EnqueueAsync(() =>
        {
            _room.Release();
            GitInstruments.Waits(_name, -1);
            if (cancellationToken.IsCancellationRequested)
            {
                result.TrySetCanceled(cancellationToken);
                return;
            }
            try
            {
                result.TrySetResult(job());
            }
            catch (Exception failure)
            {
                result.TrySetException(failure);
            }
        }, cancellationToken);
        return await result.Task;
    }

    /// <summary>Takes no more jobs; those that wait are still done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private async Task EnqueueAsync(Action job, CancellationToken cancellationToken)
    {
        GitInstruments.Waits(_name, 1);
        try
        {
            await _room.WaitAsync(cancellationToken);
            Add(job);
        }
        catch
        {
            GitInstruments.Waits(_name, -1);
            throw;
        }
    }

    private void Add(Action job)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _jobs.Enqueue(job);
            Monitor.Pulse(_gate);
        }
    }

    private void RunJobs()
    {
        while (Take() is { } job) job();
    }

    private Action? Take()
    {
        lock (_gate)
        {
            while (_jobs.Count == 0)
            {
                if (_isDisposed) return null;
                Monitor.Wait(_gate);
            }
            return _jobs.Dequeue();
        }
    }
}

/// <summary>Fetches and reads have threads of their own, so that indexing large packs never keeps a read waiting.</summary>
internal sealed class GitExecutors(IOptions<GitOptions> options) : IDisposable
{
    public GitExecutor Fetching { get; } = new("git-fetch", options.Value.Threads, options.Value.QueueLength);

    public GitExecutor Reading { get; } = new("git-read", options.Value.Threads, options.Value.QueueLength);

    public void Dispose()
    {
        Fetching.Dispose();
        Reading.Dispose();
    }
}
