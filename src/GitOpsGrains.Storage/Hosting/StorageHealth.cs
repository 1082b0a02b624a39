using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// Whether a shared storage answers, as every read and write of this silo shows. A failure stands until something is written: one
/// that is full still answers reads.
/// </summary>
internal sealed class StorageHealth(TimeProvider time)
{
    /// <summary>So long a failure must last before it is told: a storage that moves to another node is none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private long? _failingSince;
    private long _answeredAt = time.GetTimestamp();
    private string _sentence = "";

    /// <summary>Null while it answers, or has failed for less than <see cref="Patience"/>.</summary>
    public StorageFault? Fault
    {
        get
        {
            lock (_gate)
            {
                return _failingSince is { } since && time.GetElapsedTime(since) >= Patience
                    ? new StorageFault($"{_sentence}, and nothing was stored for {Math.Floor(time.GetElapsedTime(since).TotalSeconds):0} s", NeedsRestart: false)
                    : null;
            }
        }
    }

    public bool IsFailing
    {
        get
        {
            lock (_gate) return _failingSince is not null;
        }
    }

    /// <summary>How long nothing was heard of it, good or bad.</summary>
    public TimeSpan Silence
    {
        get
        {
            lock (_gate) return time.GetElapsedTime(_answeredAt);
        }
    }

    public void Answered(bool isWrite)
    {
        lock (_gate)
        {
            _answeredAt = time.GetTimestamp();
            if (isWrite) _failingSince = null;
        }
    }

    public void Failed(Exception failure)
    {
        // Another writer was first: it answers.
        if (failure is InconsistentStateException) Answered(isWrite: true);
        else if (failure is not GrainStateTooLargeException)
        {
            lock (_gate)
            {
                _answeredAt = time.GetTimestamp();
                _failingSince ??= time.GetTimestamp();
                _sentence = StorageFailure.Describe(failure);
            }
        }
    }
}
