namespace GitOpsGrains.Grains.Hosting;

/// <summary>
/// Stands before every changing request to a cluster: it passes only while this silo is known to be a member, by a look
/// at the membership table less than 8 s ago on the monotonic clock. A silo that was stopped finds out here.
/// </summary>
public interface IWriteFence
{
    /// <summary>A look that is new enough has been taken: for a request that had to wait after it was let through.</summary>
    bool IsFresh { get; }

    /// <summary>Errors: <see cref="FencedException"/> when this silo is not active any more.</summary>
    ValueTask EnsureAsync(CancellationToken cancellationToken);
}

/// <summary>This silo may not write any more: the cluster of silos has declared it dead, or it is stopping.</summary>
public sealed class FencedException(string message) : Exception(message);
