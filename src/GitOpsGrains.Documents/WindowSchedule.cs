using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Cronos;

namespace GitOpsGrains.Documents;

/// <summary>
/// When a sync window is open: from each time of its cron schedule for its duration. Times that overlap or meet are one.
/// A time that a clock change skips comes right after the gap; one that a clock change repeats comes once.
/// </summary>
public sealed partial class WindowSchedule
{
    private const int MaxScheduleLength = 200;
    /// <summary>Where so many times follow without a gap, the end of the last of them stands for the end.</summary>
    private const int MaxJoined = 1000;
    private static readonly DateTimeOffset LongAgo = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CronExpression[] _times;
    private readonly TimeZoneInfo _zone;
    private readonly TimeSpan _duration;

    private WindowSchedule(CronExpression[] times, TimeZoneInfo zone, TimeSpan duration) => (_times, _zone, _duration) = (times, zone, duration);

    /// <param name="fault">The field of the window that can't be honoured, and why.</param>
    public static bool TryParse(SyncWindowSpec window, [NotNullWhen(true)] out WindowSchedule? schedule, out (string Field, string Reason) fault)
    {
        schedule = null;
        fault = window.Duration <= TimeSpan.Zero ? ("duration", "required")
            : FindZone(window.TimeZone) is null ? ("timeZone", "not a time zone of this server's time zone data; give a name such as Europe/Berlin or UTC")
            : default;
        if (fault.Reason is not null) return false;
        if (!TryParseTimes(window.Schedule, out var times))
        {
            fault = ("schedule", "not a cron schedule: minute, hour, day of month, month, day of week, for example '0 22 * * 1-5'");
            return false;
        }
        schedule = new WindowSchedule(times, FindZone(window.TimeZone)!, window.Duration);
        if (schedule.Next(LongAgo) is not null) return true;
        (schedule, fault) = (null, ("schedule", "no day is ever like that"));
        return false;
    }

    public bool IsOpen(DateTimeOffset now) => OpenedAt(now) is not null;

    /// <summary>When it closes if it is open, else when it opens; null: never again.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now)
    {
        if (OpenedAt(now) is not { } start) return Next(now);
        for (var joined = 0; joined < MaxJoined && Next(start) is { } next && next <= start + _duration; joined++) start = next;
        return start + _duration;
    }

    /// <summary>The first of the times that it is still open from.</summary>
    private DateTimeOffset? OpenedAt(DateTimeOffset now) => Next(now - _duration) is { } start && start <= now ? start : null;

    private DateTimeOffset? Next(DateTimeOffset after) =>
        _times.Select(time => time.GetNextOccurrence(after, _zone)).Min()?.ToUniversalTime();

    private static bool TryParseTimes(string text, out CronExpression[] times)
    {
        times = [];
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (text.Length > MaxScheduleLength || fields.Length != 5) return false;
        // cron takes a day that either field names when both are restricted; the library takes only days that both name.
        var either = !IsAny(fields[2]) && !IsAny(fields[4]);
        string[] schedules = either
            ? [string.Join(' ', fields[..4]) + " *", string.Join(' ', fields[0], fields[1], "*", fields[3], fields[4])]
            : [string.Join(' ', fields)];
        var parsed = new List<CronExpression>();
        foreach (var schedule in schedules)
        {
            if (!CronExpression.TryParse(schedule, CronFormat.Standard, out var time)) return false;
            parsed.Add(time);
        }
        times = [.. parsed];
        return true;
    }

    private static bool IsAny(string field) => field.Split(',').Any(part => part is "*" or "?" or "*/1" or "?/1");

    private static TimeZoneInfo? FindZone(string name) =>
        ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ZoneName();
}
