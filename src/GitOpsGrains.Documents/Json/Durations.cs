using System.Buffers;
using System.Globalization;

namespace GitOpsGrains.Documents.Json;

/// <summary>Durations as Go writes them: <c>30s</c>, <c>3m</c>, <c>1h30m</c>, <c>1.5h</c>, <c>500ms</c>; never negative, at most 10 years.</summary>
public static class Durations
{
    private static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Milliseconds)[] Parts = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    public static TimeSpan Max { get; } = TimeSpan.FromDays(3650);

    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = default;
        if (text is not { Length: > 0 and <= 32 }) return false;
        if (text == "0") return true;
        decimal total = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberChars);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberChars);
            var unit = letters < 0 ? rest : rest[..letters];
            if (TicksOf(unit) is not { } ticks || number > Max.Ticks) return false;
            total += number * ticks;
            if (total > Max.Ticks) return false;
            rest = rest[unit.Length..];
        }

        value = new TimeSpan((long)total);
        return true;
    }

    /// <summary>The shortest form: no part that is zero ("3m", not "3m0s"); precise to the millisecond.</summary>
    public static string Format(TimeSpan value)
    {
        var milliseconds = Math.Max(0, (long)value.TotalMilliseconds);
        if (milliseconds == 0) return "0s";
        // Hours of the longest TimeSpan have 9 digits.
        Span<char> text = stackalloc char[32];
        var length = 0;
        foreach (var (unit, size) in Parts)
        {
            if (milliseconds / size is > 0 and var count)
            {
                count.TryFormat(text[length..], out var digits, provider: CultureInfo.InvariantCulture);
                unit.CopyTo(text[(length + digits)..]);
                length += digits + unit.Length;
            }
            milliseconds %= size;
        }

        return new string(text[..length]);
    }

    private static long? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        _ => null,
    };
}
