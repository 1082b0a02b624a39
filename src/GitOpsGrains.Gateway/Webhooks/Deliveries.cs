using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>
/// The deliveries of the last 15 minutes (at most 20,000), so that a repeated one is not even passed on. What keeps
/// replays harmless is that a delivery brings about nothing but a poll, one for any number of them, and that signed times
/// are at most 5 minutes old; this saves the poll.
/// </summary>
internal sealed class Deliveries(TimeProvider time)
{
    private const int Most = 20_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, long At)> _order = new();

    /// <summary>False for one that was there already: the same provider, number and bytes.</summary>
    /// <param name="key">By <see cref="KeyOf"/>.</param>
    public bool TryAdd(string key)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out var oldest) && (_order.Count >= Most || time.GetElapsedTime(oldest.At) > Kept))
                _seen.Remove(_order.Dequeue().Key);
            if (!_seen.Add(key)) return false;
            _order.Enqueue((key, time.GetTimestamp()));
            return true;
        }
    }

    /// <summary>It could not be passed on: its repetition is the first one.</summary>
    public void Remove(string key)
    {
        lock (_lock) _seen.Remove(key);
    }

    /// <summary>By which a repetition is known.</summary>
    public static string KeyOf(string provider, string delivery, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{provider}\n{delivery}\n"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
