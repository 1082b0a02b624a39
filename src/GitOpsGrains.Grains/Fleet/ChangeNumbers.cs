using System.Globalization;
using System.Security.Cryptography;

namespace GitOpsGrains.Grains.Fleet;

/// <summary>
/// The number that a sender gives each change as it queues up, in the place of its sequence until the feed sets that: a batch that was given up and
/// sent again may arrive twice, and late. Not for several threads.
/// </summary>
internal sealed class ChangeNumbers
{
    private readonly string _sender = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private long _last;

    public string Next() => $"{_sender}-{(++_last).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Null for a change without one, by a silo of before.</summary>
    public static (string Sender, long Number)? Read(string sequence) =>
        sequence.LastIndexOf('-') is var dash and > 0 && long.TryParse(sequence.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (sequence[..dash], number) : null;
}
