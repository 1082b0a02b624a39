using System.Globalization;
using GitOpsGrains.Benchmarks;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Kubernetes;

if (args is [SimulatorHost.Verb, var folder, var clusters]) return await SimulatorHost.RunAsync(folder, int.Parse(clusters, CultureInfo.InvariantCulture));
if (BenchmarkOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(BenchmarkOptions.Usage);
    return 2;
}

try
{
    await using var stage = await BenchmarkStage.StartAsync(options, BenchmarkList.NeedsServer(options));
    var report = new Report(stage);
    report.PrintHead();
    foreach (var size in options.Sizes.Count == 0 ? [null] : options.Sizes.Select(size => (int?)size))
    {
        report.Size = size;
        stage.Options = size is { } number ? options with { Objects = number, Applications = number } : options;
        foreach (var benchmark in BenchmarkList.Chosen(options)) await benchmark(stage, report);
    }
    report.AddSlopes();
    report.PrintTable();
    await report.WriteAsync(options.OutputFolder);
    return report.AllMet ? 0 : 1;
}
catch (ToolMissingException missing)
{
    await Console.Error.WriteLineAsync(missing.Message);
    return 2;
}
