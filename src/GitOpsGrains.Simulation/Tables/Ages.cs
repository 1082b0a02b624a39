using System.Globalization;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;

namespace GitOpsGrains.Simulation.Tables;

/// <summary>Spans of time as servers write them: 59s, 2m5s, 3h, 2d4h.</summary>
internal static class Ages
{
    public static string Of(JsonObject node, DateTimeOffset now) => Since(ObjectMetadata.Text(node, "creationTimestamp"), now);

    public static string Since(string? time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then) ? Text(now - then) : "<unknown>";

    public static string Text(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 120) return $"{Math.Max(seconds, 0)}s";
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        if (minutes < 10) return Two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return $"{minutes}m";
        if (hours < 8) return Two(hours, "h", minutes % 60, "m");
        if (hours < 48) return $"{hours}h";
        var days = hours / 24;
        if (days < 8) return Two(days, "d", hours % 24, "h");
        if (days < 365 * 2) return $"{days}d";
        return days < 365 * 8 ? Two(days / 365, "y", days % 365, "d") : $"{days / 365}y";
    }

    private static string Two(long large, string unit, long small, string smaller) => small == 0 ? $"{large}{unit}" : $"{large}{unit}{small}{smaller}";
}
