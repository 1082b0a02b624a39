namespace GitOpsGrains.Lua.Sandbox;

/// <summary>
/// Keeps a script that runs into its limits again and again from holding up the watches of a large kind: it is left alone
/// for a while. Used from many threads.
/// </summary>
internal sealed class ScriptPause
{
    private const int MaxStopsInARow = 5;
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private int _stops;
    private long _until;

    public bool IsActive(DateTimeOffset now) => now.UtcTicks < Volatile.Read(ref _until);

    public void Note(bool wasStopped, DateTimeOffset now)
    {
        if (!wasStopped)
        {
            if (Volatile.Read(ref _stops) != 0) Interlocked.Exchange(ref _stops, 0);
        }
        else if (Interlocked.Increment(ref _stops) >= MaxStopsInARow)
        {
            // The first run after the pause decides whether there is another one.
            Interlocked.Exchange(ref _stops, MaxStopsInARow - 1);
            Interlocked.Exchange(ref _until, (now + Length).UtcTicks);
        }
    }
}
