using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Benchmarks.Stage;
using Spectre.Console;

namespace GitOpsGrains.Benchmarks.Results;

/// <summary>Collects results; prints them as a table and writes them as JSON.</summary>
internal sealed class Report(BenchmarkStage stage)
{
    private const int Width = 130;
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<Result> _results = [];
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly string _load = File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private string Server => stage.HasServer ? $"kube-apiserver {stage.Server.Version}, etcd with fsync" : "simulated clusters only";

    public bool AllMet => _results.All(result => result.IsMet);

    public void PrintHead()
    {
        AnsiConsole.Profile.Width = Width;
        Say($"{Server}; {Environment.ProcessorCount} cores: {Processor()}; load {_load}");
        if (stage is { HasServer: true, Kubectl: null } && stage.Options.WithPeer) Say("kubectl is not here: nothing is measured beside it");
    }

    public static void Say(string line) => AnsiConsole.WriteLine(line);

    public void Add(string benchmark, string measure, double value, string unit, double? goal = null) =>
        _results.Add(new Result(benchmark, measure, value, unit, goal, []));

    /// <summary>Adds a percentile of milliseconds.</summary>
    public void Add(string benchmark, string measure, Series series, double percent = 50, double? goal = null) =>
        _results.Add(new Result(benchmark, $"{measure} p{percent:0}", series.Percentile(percent), "ms", goal, series.Samples));

    public void PrintTable()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "Measure", "Value", "Unit", "Goal", "");
        table.Columns[2].RightAligned();
        foreach (var result in _results)
            table.AddRow(
                result.Benchmark, result.Measure.EscapeMarkup(), Number(result.Value), result.Unit,
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
        Say($"written to {file}");
    }

    private static string Number(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.##", CultureInfo.InvariantCulture);

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
