using System.Collections.Concurrent;
using GitOpsGrains.Git.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Git.Fetching;

/// <summary>
/// Runs native Git code, which blocks and can't be cancelled, on a few threads of its own. A job's task ends when the
/// native code has ended; callers with less patience wait beside it.
/// </summary>
internal sealed class GitExecutor : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly SemaphoreSlim _room;

    public GitExecutor(string name, int threads, int queueLength)
    {
        _room = new SemaphoreSlim(queueLength);
        for (var index = 0; index < threads; index++)
            new Thread(RunJobs) { IsBackground = true, Name = $"{name}-{index}" }.Start();
    }

    /// <summary>Runs the job, or cancels it if the token is cancelled before a thread is free.</summary>
    public async Task<T> RunAsync<T>(Func<T> job, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _jobs.Add(() =>
        {
            _room.Release();
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
        }, CancellationToken.None);
        return await result.Task;
    }

    public void Dispose() => _jobs.CompleteAdding();

    private void RunJobs()
    {
        foreach (var job in _jobs.GetConsumingEnumerable()) job();
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
