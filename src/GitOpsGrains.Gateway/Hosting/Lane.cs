using System.Threading.RateLimiting;
using GitOpsGrains.Gateway.Fleet;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>So many requests at once, and so many that wait, but none for long; one client has at most half of either.</summary>
internal sealed class Lane(int permits, int waiting, TimeProvider time) : IDisposable
{
    /// <summary>Shorter than clients wait for an answer: a place that comes later is taken for nobody.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrencyLimiter _all = new(Limit(permits, waiting));
    private readonly PartitionedRateLimiter<string> _each = PartitionedRateLimiter.Create<string, string>(
        client => RateLimitPartition.GetConcurrencyLimiter(client, _ => Limit(Math.Max(permits / 2, 1), waiting / 2)));

    /// <summary>
    /// A place, which is given back with its end. First among the client's own requests: who asks a lot stands in its own queue.
    /// Errors: <see cref="TooManyRequestsException"/>, <see cref="TooManyOfOneClientException"/>.
    /// </summary>
    public async ValueTask<IDisposable> EnterAsync(string client, CancellationToken aborted)
    {
        var own = _each.AttemptAcquire(client);
        var all = own.IsAcquired ? _all.AttemptAcquire() : null;
        if (all is { IsAcquired: true }) return new Place(own, all);
        all?.Dispose();
        // Whoever stood in its own queue has lost its time there, wherever it ends.
        var isOwn = !own.IsAcquired;
        using var late = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token);
        try
        {
            if (!own.IsAcquired)
            {
                own.Dispose();
                own = await _each.AcquireAsync(client, 1, either.Token);
            }
            if (!own.IsAcquired) throw new TooManyOfOneClientException();
            all = await _all.AcquireAsync(1, either.Token);
            return all.IsAcquired ? new Place(own, all) : throw new TooManyRequestsException();
        }
        catch (Exception refused)
        {
            own.Dispose();
            if (refused is not OperationCanceledException || aborted.IsCancellationRequested) throw;
            throw isOwn ? new TooManyOfOneClientException() : new TooManyRequestsException();
        }
    }

    public void Dispose()
    {
        _each.Dispose();
        _all.Dispose();
    }

    private static ConcurrencyLimiterOptions Limit(int permits, int waiting) =>
        new() { PermitLimit = permits, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };

    private sealed class Place(RateLimitLease own, RateLimitLease all) : IDisposable
    {
        public void Dispose()
        {
            all.Dispose();
            own.Dispose();
        }
    }
}
