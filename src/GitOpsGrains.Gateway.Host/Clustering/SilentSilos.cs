using System.Collections.Concurrent;
using System.Net;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// Which silos have fallen silent. One that hangs is told by nothing else: its connection stays open, what is sent over it waits,
/// and the membership drops it only after 20 s.
/// </summary>
internal sealed partial class SilentSilos(TimeProvider time, ILogger<SilentSilos> logger)
{
    /// <summary>Several questions long, so that one that is late says nothing.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(6);

    /// <summary>For so long a silent silo is left alone; then it is asked again, for as long as a silence may last.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _heard = new();
    private readonly ConcurrentDictionary<string, long> _resting = new();
    private long _lastHeard = time.GetTimestamp();
    private int _known = 1;

    /// <summary>How many there are to ask.</summary>
    public int Known => Volatile.Read(ref _known);

    /// <summary>Whether none has answered lately.</summary>
    public bool IsAll => time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > MaxSilence;

    /// <summary>The silences begin now: before, nobody was asked.</summary>
    public void Start() => Volatile.Write(ref _lastHeard, time.GetTimestamp());

    /// <param name="silo">host:port of its gateway port.</param>
    public void Hear(string silo)
    {
        _heard[silo] = time.GetTimestamp();
        Start();
    }

    /// <summary>Those that may be sent to: all but the silent ones, as long as others answer.</summary>
    public IList<Uri> Without(IList<Uri> found)
    {
        Volatile.Write(ref _known, Math.Max(found.Count, 1));
        var names = found.Select(uri => new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port).ToString()).ToArray();
        foreach (var gone in _heard.Keys.Except(names)) _heard.TryRemove(gone, out _);
        foreach (var gone in _resting.Keys.Except(names)) _resting.TryRemove(gone, out _);
        if (IsAll) return found;
        List<Uri> answering = [.. found.Where((_, index) => MayBeSentTo(names[index]))];
        return answering.Count > 0 ? answering : found;
    }

    /// <summary>One that was never heard is judged by its connection alone: it may be listed under another address than its own.</summary>
    private bool MayBeSentTo(string silo)
    {
        if (_resting.TryGetValue(silo, out var since))
        {
            if (time.GetElapsedTime(since) < Rest) return false;
            _resting.TryRemove(silo, out _);
            _heard[silo] = time.GetTimestamp();
        }
        if (!_heard.TryGetValue(silo, out var heard) || time.GetElapsedTime(heard) <= MaxSilence) return true;
        _resting[silo] = time.GetTimestamp();
        LogSilent(silo, MaxSilence.TotalSeconds);
        return false;
    }

    [LoggerMessage(3108, LogLevel.Warning, "The silo at {Silo} has not answered for {Seconds} s while others do; it is left alone for a while")]
    private partial void LogSilent(string silo, double seconds);
}
