using Orleans.Runtime;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>The fence by the membership table itself; the silo's own view may be older than its death.</summary>
public sealed class MembershipWriteFence(IMembershipTable table, ILocalSiloDetails silo, TimeProvider time) : IWriteFence
{
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(8);

    private readonly SemaphoreSlim _reading = new(1);
    private long _readAt;
    private bool _everRead;

    public bool IsFresh => Volatile.Read(ref _everRead) && time.GetElapsedTime(Volatile.Read(ref _readAt)) < Validity;

    public ValueTask EnsureAsync(CancellationToken cancellationToken) => IsFresh ? ValueTask.CompletedTask : new ValueTask(ReadAsync(cancellationToken));

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (IsFresh) return;
            var before = time.GetTimestamp();
            var rows = await table.ReadRowAsync(silo.SiloAddress, cancellationToken);
            var status = rows.Members.Count == 0 ? SiloStatus.None : rows.Members[0].Item1.Status;
            if (status != SiloStatus.Active)
                throw new FencedException($"this silo is {status} in the membership table; it writes nothing any more");
            Volatile.Write(ref _readAt, before);
            Volatile.Write(ref _everRead, true);
        }
        finally
        {
            _reading.Release();
        }
    }
}
