using System.Globalization;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Demo.Playing;

/// <summary>What the demo says. Lines that begin with four spaces are commands, each to be run as it stands.</summary>
internal sealed class DemoScreen(TextWriter output, DateTimeOffset started, TimeProvider time)
{
    private readonly Lock _gate = new();

    public void Line(string text = "")
    {
        lock (_gate) output.WriteLine(text);
    }

    /// <summary>While it gets going: with the time since the process started.</summary>
    public void Reached(string text) => Line(string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() - started).TotalSeconds,6:0.0} s  {text}"));

    public void Reached(ApplicationView view)
    {
        var status = view.Status;
        var synced = status.Targets.Sync.GetValueOrDefault("Synced");
        Reached($"{Opening.NameOf(view),-22} {status.Sync,-9} {status.Health,-11} {synced}/{status.Targets.Total} clusters");
    }

    /// <summary>Later: with the time of day.</summary>
    public void Happened(string text) => Line($"{TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone).ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {text}");
}
