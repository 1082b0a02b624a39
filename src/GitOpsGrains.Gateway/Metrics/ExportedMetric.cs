using System.Diagnostics.Metrics;

namespace GitOpsGrains.Gateway.Metrics;

/// <summary>One instrument that is exported; what its tags hold beside these labels stays inside.</summary>
internal sealed record ExportedMetric(string Instrument, params MetricLabel[] Labels)
{
    /// <summary>Upper bounds, of a histogram.</summary>
    public double[] Buckets { get; init; } = [];

    /// <summary>It goes down too, whatever kind of instrument its maker has chosen.</summary>
    public bool IsGauge { get; init; }

    /// <summary>Another name than the instrument's, which would not be one of Prometheus.</summary>
    public string? As { get; init; }

    /// <summary>By the rules of Prometheus: the unit behind the name, then <c>_total</c> where it only grows.</summary>
    public string NameOf(Instrument instrument, bool isCounter)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = (As ?? instrument.Name).Replace('.', '_').Replace('-', '_');
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return isCounter ? name + "_total" : name;
    }
}
