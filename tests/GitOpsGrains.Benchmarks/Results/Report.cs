using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Benchmarks.Stage;
using Spectre.Console;

namespace GitOpsGrains.Benchmarks.Results;

/// <summary>Collects results; prints them as a table and writes them as JSON.</summary>
internal sealed partial class Report(BenchmarkStage stage)
{
    private const int Width = 130;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<Result> _results = [];
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly string _load = File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private string Server => stage.HasServer ? $"kube-apiserver {stage.Server.Version}, etcd with fsync" : "simulated clusters only";

    /// <summary>Of the run that results are added of.</summary>
    public int? Size { get; set; }

    public bool AllMet => _results.All(result => result.IsMet);

    public void PrintHead()
    {
        AnsiConsole.Profile.Width = Width;
        Say($"{Server}; {Environment.ProcessorCount} cores: {Processor()}; load {_load}");
        if (stage is { HasServer: true, Kubectl: null } && stage.Options.WithPeer) Say("kubectl is not here: nothing is measured beside it");
    }

    public static void Say(string line) => AnsiConsole.WriteLine(line);

    public void Add(string benchmark, string measure, double value, string unit, double? goal = null) =>
        Add(new Result(benchmark, measure, value, unit, goal, []) { Size = Size });

    /// <summary>Adds a percentile of milliseconds.</summary>
    public void Add(string benchmark, string measure, Series series, double percent = 50, double? goal = null) =>
        Add(new Result(benchmark, $"{measure} p{percent:0}", series.Percentile(percent), "ms", goal, series.Samples) { Size = Size });

    /// <summary>Told at once: a run that is cut off has said what it knew.</summary>
    private void Add(Result result)
    {
        _results.Add(result);
        Say($"{result.Benchmark} {result.Measure}: {Number(result.Value)} {result.Unit}");
    }

    /// <summary>How each time grows with the size: the least-squares slope of log(value) over log(size); 1 is linear, 0 flat.</summary>
    public void AddSlopes()
    {
        var bySize = _results.Where(result => result is { Size: not null, Unit: "ms", Value: > 0 }).GroupBy(result => (result.Benchmark, Digits().Replace(result.Measure, "N"))).ToArray();
        foreach (var group in bySize.Where(group => group.Select(result => result.Size).Distinct().Count() > 2))
        {
            var points = group.Select(result => (X: Math.Log(result.Size!.Value), Y: Math.Log(result.Value))).ToArray();
            var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
            _results.Add(new Result(group.Key.Benchmark, $"slope of: {group.Key.Item2}", points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x)), "", null, []));
        }
    }

    [GeneratedRegex("[0-9][0-9,]*")]
    private static partial Regex Digits();

    public void PrintTable()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "Measure", "Value", "Unit", "Goal", "");
        table.Columns[2].RightAligned();
        foreach (var result in _results)
            table.AddRow(
                result.Benchmark, (result.Size is { } size ? $"[{size}] {result.Measure}" : result.Measure).EscapeMarkup(), Number(result.Value), result.Unit,
                result.Goal is { } goal ? $"≤ {Number(goal)}" : "", result.Goal is null ? "" : result.IsMet ? "met" : "MISSED");
        AnsiConsole.Write(table);
    }

    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{_began:yyyyMMdd-HHmmss}-{stage.Options.Benchmark}.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            began = _began,
            server = Server,
            kubectl = stage.Kubectl is { } kubectl ? await kubectl.VersionAsync() : null,
            cores = Environment.ProcessorCount,
            processor = Processor(),
            loadBefore = _load,
            runtime = Environment.Version.ToString(),
            options = stage.Options,
            results = _results,
        }, Indented));
        var plot = Path.ChangeExtension(file, ".svg");
        await File.WriteAllTextAsync(plot, Plot.Of(_results));
        Say($"written to {file} and {plot}");
    }

    private static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.##", CultureInfo.InvariantCulture);

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
