using System.Diagnostics;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Testing.Git;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>First fetch of a repository with a long history: whole, and without the history.</summary>
internal static class ShallowFetches
{
    private const string Name = "shallow";
    private const int Files = 500;
    private const int Commits = 5000;

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var repository = await stage.Git.CreateRepositoryAsync("history");
        await ImportAsync(repository);
        foreach (var shallow in new[] { false, true })
        {
            var data = Directory.CreateTempSubdirectory("gog-shallow-");
            await using (var services = new ServiceCollection().AddLogging().AddGitMirrors(git => git.DataDirectory = data.FullName).BuildServiceProvider())
            {
                var access = new RepositoryAccess("history", repository.Url, TimeSpan.FromMinutes(5)) { Shallow = shallow };
                var mirrors = services.GetRequiredService<IGitMirrors>();
                var refs = (await mirrors.ListRefsAsync(access, ["refs/heads/main"], CancellationToken.None)).Refs;
                var started = Stopwatch.GetTimestamp();
                await mirrors.FetchAsync(access, refs, CancellationToken.None);
                var what = shallow ? "without history" : "whole";
                report.Add(Name, $"{Files} files, {Commits} commits, {what}: seconds", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");
                report.Add(Name, $"{Files} files, {Commits} commits, {what}: pack", data.EnumerateFiles("*.pack", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6, "MB");
            }
            data.Delete(true);
        }
    }

    /// <summary>A stream for <c>git fast-import</c>: each commit writes one file anew.</summary>
    private static async Task ImportAsync(GitWorkspace repository)
    {
        var random = new Random(1);
        var stream = Path.Combine(repository.Folder, "..", "history.stream");
        await using (var writer = new StreamWriter(stream))
        {
            for (var commit = 0; commit < Commits; commit++)
            {
                await writer.WriteAsync($"commit refs/heads/main\ncommitter Ada <ada@example.com> {1_700_000_000 + commit} +0000\ndata 6\nChange\n");
                for (var file = commit == 0 ? 0 : commit % Files; file < (commit == 0 ? Files : commit % Files + 1); file++)
                {
                    var bytes = new byte[1500];
                    random.NextBytes(bytes);
                    var text = Convert.ToBase64String(bytes);
                    await writer.WriteAsync($"M 100644 inline apps/{file:000}/all.yaml\ndata {text.Length}\n{text}\n");
                }
            }
        }
        await repository.GitAsync("-c", $"alias.import=!git --git-dir='{repository.BareFolder}' fast-import --quiet < '{stream}'", "import");
        File.Delete(stream);
    }
}
