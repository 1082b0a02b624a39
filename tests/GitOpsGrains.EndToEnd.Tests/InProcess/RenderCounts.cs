using System.Diagnostics.Metrics;
using GitOpsGrains.Grains;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>How often sources of a repository were rendered, and applications spared a commit.</summary>
public sealed class RenderCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _renders;
    private long _spared;

    public RenderCounts(string repository)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key != "repository" || (string?)tag.Value != repository) continue;
                if (instrument.Name == Instruments.Renders.Name) Interlocked.Add(ref _renders, value);
                else if (instrument.Name == Instruments.SpareRenders.Name) Interlocked.Add(ref _spared, value);
            }
        });
        _listener.Start();
    }

    public long Renders => Volatile.Read(ref _renders);
    public long Spared => Volatile.Read(ref _spared);

    public void Dispose() => _listener.Dispose();
}
