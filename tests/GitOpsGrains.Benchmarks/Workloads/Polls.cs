using System.Diagnostics;
using System.Globalization;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// N repositories polled while nothing happens: the silo's processor time for each poll, beside that of <c>git ls-remote</c>.
/// The Git server starts a process for each request, as a CGI does, and is not counted.
/// </summary>
internal static class Polls
{
    private const string Name = "polls";
    private const int PeerRuns = 50;
    private const int PollsPerSecond = 40;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var count = stage.Options.Applications;
        var repository = await stage.Git.CreateRepositoryAsync("polled");
        await repository.PublishAsync("a.yaml", "a: 1\n");
        // One repository under many names: each is polled as one of its own.
        for (var index = 0; index < count; index++) Directory.CreateSymbolicLink(Path.Combine(stage.Git.Root, $"polled-{index:0000}.git"), repository.BareFolder);
        await using var silo = await stage.StartSiloAsync(repository);
        var idle = await IdleAsync(silo);

        var interval = TimeSpan.FromSeconds(Math.Max(5, count / PollsPerSecond));
        await silo.Client.ApplyAsync(string.Join("---\n", Enumerable.Range(0, count).Select(index => Document(stage, index, interval))));
        // The first poll of each makes connections, and tells what the server can do.
        await ListedAsync(stage, stage.Git.Requests.LsRefs + (2 * count));
        var (cpu, polls, began) = (silo.Usage.Cpu, stage.Git.Requests.LsRefs, Stopwatch.GetTimestamp());
        await ListedAsync(stage, polls + (3 * count));
        var (wall, done) = (Stopwatch.GetElapsedTime(began), stage.Git.Requests.LsRefs - polls);
        var own = silo.Usage.Cpu - cpu;
        report.Add(Name, $"{count} repositories every {interval.TotalSeconds:0} s: polls in a second", done / wall.TotalSeconds, "polls");
        report.Add(Name, "own CPU of one poll", own.TotalMilliseconds / done, "ms");
        report.Add(Name, "… without what an idle silo takes", (own.TotalMilliseconds - (idle * wall.TotalMilliseconds)) / done, "ms", 0.5);
        report.Add(Name, "CPU of one git ls-remote", await PeerAsync(repository.Url), "ms");
        report.Add(Name, "silo: memory at the end", silo.Usage.Megabytes, "MB");
    }

    /// <summary>The part of a core that a silo with nothing to do takes, over ten seconds.</summary>
    private static async Task<double> IdleAsync(SiloProcess silo)
    {
        var (cpu, began) = (silo.Usage.Cpu, Stopwatch.GetTimestamp());
        await Eventually.TrueAsync(() => Task.FromResult(Stopwatch.GetElapsedTime(began) > Quiet), "ten quiet seconds");
        return (silo.Usage.Cpu - cpu) / Stopwatch.GetElapsedTime(began);
    }

    private static Task ListedAsync(BenchmarkStage stage, int requests) =>
        Eventually.TrueAsync(() => Task.FromResult(stage.Git.Requests.LsRefs >= requests), $"{requests} polls", Longest);

    private static string Document(BenchmarkStage stage, int index, TimeSpan interval) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: polled-{{index:0000}}}
        spec: {url: "{{stage.Git.UrlOf($"polled-{index:0000}")}}", poll: {interval: {{interval.TotalSeconds:0}}s} }

        """);

    /// <summary>With its children, as the shell measures it.</summary>
    private static async Task<double> PeerAsync(string url)
    {
        var script = $"TIMEFORMAT='%U %S'; time (for i in $(seq {PeerRuns}); do git ls-remote '{url}' HEAD >/dev/null; done)";
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true })!;
        var times = (await shell.StandardError.ReadToEndAsync()).Trim().Split('\n')[^1].Split(' ');
        await shell.WaitForExitAsync();
        return times.Sum(time => double.Parse(time, CultureInfo.InvariantCulture)) * 1000 / PeerRuns;
    }
}
