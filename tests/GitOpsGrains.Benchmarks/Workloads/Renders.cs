using System.Diagnostics;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Rendering.Hosting;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// N applications of four objects each in one repository: rendered from plain YAML, beside <c>kubectl kustomize</c> for each
/// of them, and the same through our own kustomize renderer; then a commit that touches none of them is judged.
/// </summary>
internal static class Renders
{
    private const string Name = "render";
    private const int PeerRuns = 100;
    private const int WarmUps = 300;

    private static readonly DirectorySpec Plain = new() { Exclude = "kustomization.yaml" };

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var count = stage.Options.Applications;
        var repository = await stage.Git.CreateRepositoryAsync("renders");
        await WriteAllAsync(repository, count + WarmUps);
        var data = Directory.CreateTempSubdirectory("gog-renders-");
        var kubectl = Tools.Require("kubectl");
        await using var services = new ServiceCollection().AddLogging()
            .AddGitMirrors(git => git.DataDirectory = data.FullName)
            .AddRendering(options => options.Kustomize = kubectl).BuildServiceProvider();
        var access = new RepositoryAccess("renders", repository.Url, TimeSpan.FromMinutes(5));
        var (renderer, commit) = (services.GetRequiredService<IRenderer>(), await PublishAsync(repository, services, access));
        RenderRequest Request(int index, string at, DirectorySpec? directory) =>
            new(access, at, new SourceSpec { Repository = "renders", Path = FolderOf(index), Directory = directory }, RenderLimits.Default);

        // Of other content, so that nothing of it is known: a silo compiles its code once.
        await MeasureAsync(WarmUps, index => RenderAsync(renderer, Request(count + index, commit, Plain)));
        var own = Environment.CpuUsage.TotalTime;
        var plain = await MeasureAsync(count, index => RenderAsync(renderer, Request(index, commit, Plain)));
        own = Environment.CpuUsage.TotalTime - own;
        report.Add(Name, $"{count} applications of 4 objects from plain YAML", plain.TotalMilliseconds, "ms");
        report.Add(Name, "… own CPU of one", own.TotalMilliseconds / count, "ms");
        var peers = Math.Min(PeerRuns, count);
        var children = ProcessUsage.OfEndedChildren();
        var bare = await MeasureAsync(peers, index => KustomizeAsync(kubectl, Path.Combine(repository.Folder, FolderOf(index))));
        children = ProcessUsage.OfEndedChildren() - children;
        report.Add(Name, "kubectl kustomize, one application", bare.TotalMilliseconds / peers, "ms");
        report.Add(Name, "… CPU of one", children.TotalMilliseconds / peers, "ms");
        report.Add(Name, "plain YAML: share of kubectl kustomize's time", plain / count / (bare / peers), "");
        report.Add(Name, "plain YAML: share of kubectl kustomize's CPU", own / count / (children / peers), "", 1.0 / 15);
        var ours = await MeasureAsync(peers, index => RenderAsync(renderer, Request(index, commit, null)));
        report.Add(Name, "our kustomize renderer: share of kubectl kustomize's time", ours / bare, "");

        await MeasureAsync(count, index => renderer.KeyAsync(Request(index, commit, null), CancellationToken.None));
        await repository.WriteAsync("elsewhere.txt", "words");
        var next = await PublishAsync(repository, services, access);
        var keys = await MeasureAsync(count, index => renderer.KeyAsync(Request(index, next, null), CancellationToken.None));
        report.Add(Name, "key of a kustomization that a commit does not touch", keys.TotalMicroseconds / count, "µs");
        var plainKeys = await MeasureAsync(count, index => renderer.KeyAsync(Request(index, next, Plain), CancellationToken.None));
        report.Add(Name, "key of a plain directory that a commit does not touch", plainKeys.TotalMicroseconds / count, "µs");
        data.Delete(true);
    }

    private static async Task<string> PublishAsync(GitWorkspace repository, ServiceProvider services, RepositoryAccess access)
    {
        var commit = await repository.CommitAsync("Change");
        await repository.PushAsync();
        await services.GetRequiredService<IGitMirrors>().FetchAsync(access, [new GitRef("refs/heads/main", commit)], CancellationToken.None);
        return commit;
    }

    private static async Task RenderAsync(IRenderer renderer, RenderRequest request)
    {
        var result = await renderer.RenderAsync(request, CancellationToken.None);
        if (result.Set is not { Objects.Count: 4 }) throw new InvalidOperationException($"a render gave {string.Join("; ", result.Faults)}");
    }

    private static async Task KustomizeAsync(string kubectl, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(kubectl, ["kustomize", folder]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"kubectl kustomize ended with {process.ExitCode}");
    }

    /// <summary>Two at a time, on both sides.</summary>
    private static async Task<TimeSpan> MeasureAsync(int count, Func<int, Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (index, _) => await work(index));
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task WriteAllAsync(GitWorkspace repository, int count)
    {
        for (var index = 0; index < count; index++)
        {
            var (folder, name) = (FolderOf(index), Podinfo.Name(index));
            await repository.WriteAsync($"{folder}/deployment.yaml", Podinfo.Deployment(name, "#first"));
            await repository.WriteAsync($"{folder}/configmap.yaml", Podinfo.ConfigMap(name, "#first"));
            await repository.WriteAsync($"{folder}/service.yaml", Podinfo.Service(name));
            await repository.WriteAsync($"{folder}/sa.yaml", Podinfo.ServiceAccount(name));
            await repository.WriteAsync($"{folder}/kustomization.yaml", "resources: [deployment.yaml, configmap.yaml, service.yaml, sa.yaml]\n");
        }
    }

    private static string FolderOf(int index) => $"apps/app-{index:00000}";
}
