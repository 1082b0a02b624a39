using System.Globalization;
using System.Text.RegularExpressions;

namespace GitOpsGrains.Testing.Metrics;

/// <summary>One metric of an exposition. Series are named as they were written: <c>name{label="value"}</c>.</summary>
public sealed record MetricFamily(string Name, string Type, string Help, IReadOnlyDictionary<string, double> Series);

/// <summary>What <c>/metrics</c> answered, read as strictly as the text format says.</summary>
public sealed partial class Scrape
{
    private static readonly string[] Types = ["counter", "gauge", "histogram"];

    private readonly Dictionary<string, MetricFamily> _families;

    private Scrape(Dictionary<string, MetricFamily> families) => _families = families;

    public IReadOnlyCollection<MetricFamily> Families => _families.Values;

    /// <summary>Of all metrics, in order.</summary>
    public IReadOnlyList<string> Series => [.. Families.SelectMany(family => family.Series.Keys).Order(StringComparer.Ordinal)];

    /// <summary>The value of a series as it is written, 0-based counts included; an error if there is none.</summary>
    public double this[string series] =>
        Families.SelectMany(family => family.Series).Where(item => item.Key == series).Select(item => (double?)item.Value).SingleOrDefault()
        ?? throw new KeyNotFoundException($"there is no series {series}");

    /// <summary>All series of one metric together.</summary>
    public double Sum(string family) => _families[family].Series.Values.Sum();

    /// <summary>Names as a query writes them: of a histogram its three parts.</summary>
    public IReadOnlySet<string> QueryNames => Families
        .SelectMany(family => family.Type == "histogram" ? [$"{family.Name}_bucket", $"{family.Name}_sum", $"{family.Name}_count"] : new[] { family.Name })
        .ToHashSet(StringComparer.Ordinal);

    public static async Task<Scrape> OfAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = url };
        using var answer = await http.GetAsync("metrics", cancellationToken);
        answer.EnsureSuccessStatusCode();
        var type = answer.Content.Headers.ContentType?.ToString();
        if (type != "text/plain; version=0.0.4; charset=utf-8") throw new FormatException($"the content type is {type}");
        return Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Errors: <see cref="FormatException"/> for what Prometheus would refuse or take twice.</summary>
    public static Scrape Parse(string text)
    {
        if (!text.EndsWith('\n')) throw new FormatException("the last line has no end");
        var (families, series) = (new Dictionary<string, MetricFamily>(StringComparer.Ordinal), new Dictionary<string, double>(StringComparer.Ordinal));
        var help = "";
        MetricFamily? family = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } says) help = says.Groups["name"].Value + " " + says.Groups["text"].Value;
            else if (TypeLine().Match(line) is { Success: true } begins)
            {
                var (name, type) = (begins.Groups["name"].Value, begins.Groups["type"].Value);
                if (!Types.Contains(type)) throw new FormatException($"'{type}' is no type: {line}");
                if (!help.StartsWith(name + " ", StringComparison.Ordinal)) throw new FormatException($"{name} has no HELP before its TYPE");
                series = new Dictionary<string, double>(StringComparer.Ordinal);
                family = new MetricFamily(name, type, help[(name.Length + 1)..], series);
                if (!families.TryAdd(name, family)) throw new FormatException($"{name} is there twice");
            }
            else if (SampleLine().Match(line) is { Success: true } sample && family is not null && IsOf(family, sample.Groups["name"].Value))
            {
                if (!series.TryAdd(sample.Groups["series"].Value, NumberOf(sample.Groups["value"].Value))) throw new FormatException($"the series is there twice: {line}");
            }
            else throw new FormatException($"this line can't be read, or does not belong to {family?.Name}: {line}");
        }
        return new Scrape(families);
    }

    private static bool IsOf(MetricFamily family, string name) => family.Type == "histogram"
        ? name == family.Name + "_bucket" || name == family.Name + "_sum" || name == family.Name + "_count"
        : name == family.Name;

    private static double NumberOf(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>.+)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>[a-z]+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*")*\})?) (?<value>\S+)$""")]
    private static partial Regex SampleLine();
}
