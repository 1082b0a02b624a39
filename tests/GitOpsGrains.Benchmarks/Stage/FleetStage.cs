using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Benchmarks.Workloads;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Benchmarks.Stage;

/// <summary>What benchmarks on simulated clusters have in common.</summary>
internal static class FleetStage
{
    private const int InFlight = 64;
    public const int DocumentsAtOnce = 500;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static async Task AddClustersAsync(SiloClient silo, Simulator simulator)
    {
        await PutClustersAsync(silo, simulator);
        await Eventually.GetAsync(silo.CountReadyClustersAsync, ready => ready == simulator.Clusters, $"{simulator.Clusters} ready clusters", Longest);
    }

    public static async Task PutClustersAsync(SiloClient silo, Simulator simulator)
    {
        foreach (var part in Enumerable.Range(0, simulator.Clusters).Chunk(DocumentsAtOnce))
            await silo.ApplyAsync(string.Join("---\n", part.Select(index => $$"""
                apiVersion: gitopsgrains.io/v1
                kind: Cluster
                metadata: {name: {{Simulator.NameOf(index)}}}
                spec: {kubeconfig: {file: {{simulator.KubeconfigOf(index)}} } }

                """)));
    }

    /// <summary>One ConfigMap for each application, or several, all of one color.</summary>
    public static async Task<string> WriteAsync(GitWorkspace repository, int applications, string color, int each = 1)
    {
        for (var index = 0; index < applications; index++)
            await repository.WriteAsync(FileOf(index), string.Join("---\n", Enumerable.Range(0, each).Select(number => Podinfo.ConfigMap(number == 0 ? NameOf(index) : $"{NameOf(index)}-{number:00}", color))));
        var commit = await repository.CommitAsync($"Make all {color}");
        await repository.PushAsync();
        return commit;
    }

    public static string NameOf(int index) => $"app-{index:00000}";

    public static string FolderOf(int index) => $"apps/{index / 100:000}/{NameOf(index)}";

    public static string FileOf(int index) => $"{FolderOf(index)}/configmap.yaml";

    /// <summary>Clusters, then applications spread over them; returns when all are in sync at the newest commit.</summary>
    public static async Task InstallAsync(SiloClient silo, Simulator simulator, GitWorkspace repository, int applications)
    {
        await AddClustersAsync(silo, simulator);
        await PutApplicationsAsync(silo, simulator, applications);
        await silo.WaitAllSyncedAsync(applications, await repository.HeadAsync(), TimeSpan.FromMinutes(20));
    }

    /// <summary>A person says of each cluster that it belongs to this installation now.</summary>
    public static async Task TakeOverAsync(SiloClient silo, Simulator simulator)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, simulator.Clusters), new ParallelOptions { MaxDegreeOfParallelism = InFlight },
            async (index, cancellation) => await Eventually.TrueAsync(() => silo.TryTakeOverAsync(Simulator.NameOf(index)), $"{Simulator.NameOf(index)} taken over", Longest, cancellationToken: cancellation));
        await Eventually.GetAsync(silo.CountReadyClustersAsync, ready => ready == simulator.Clusters, $"{simulator.Clusters} clusters taken over", Longest);
    }

    public static async Task PutApplicationsAsync(SiloClient silo, Simulator simulator, int applications)
    {
        foreach (var part in Enumerable.Range(0, applications).Chunk(DocumentsAtOnce))
            await silo.ApplyAsync(string.Join("---\n", part.Select(index => SiloClient.Application(NameOf(index), FolderOf(index), "default", cluster: Simulator.NameOf(index % simulator.Clusters)))));
    }

    /// <summary>Returns as soon as the application's ConfigMap has the color.</summary>
    public static async Task WaitColorAsync(Simulator simulator, int index, string color)
    {
        var began = Stopwatch.GetTimestamp();
        var path = PathOf(index % simulator.Clusters, $"/{NameOf(index)}");
        while (!(await simulator.Http.GetStringAsync(path)).Contains($"\"{color}\"", StringComparison.Ordinal))
            if (Stopwatch.GetElapsedTime(began) > Longest) throw new TimeoutException($"{path} did not become {color}");
    }

    /// <summary>Reads every cluster. Errors: <see cref="InvalidOperationException"/> unless that many ConfigMaps of ours are there, all with the color.</summary>
    public static async Task VerifyAsync(Simulator simulator, int configMaps, string color)
    {
        var (seen, wrong) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, simulator.Clusters), new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (index, cancellation) =>
        {
            var list = JsonDocument.Parse(await simulator.Http.GetByteArrayAsync(PathOf(index, "?labelSelector=gitopsgrains.io/managed"), cancellation)).RootElement;
            foreach (var item in list.GetProperty("items").EnumerateArray())
            {
                Interlocked.Increment(ref seen);
                if (item.GetProperty("data").GetProperty("color").GetString() != color) Interlocked.Increment(ref wrong);
            }
        });
        if (seen != configMaps || wrong != 0) throw new InvalidOperationException($"void: {seen} ConfigMaps instead of {configMaps}, {wrong} of them are not {color}");
    }

    /// <summary>The same objects under other names, applied with nothing but an HTTP client.</summary>
    public static async Task<TimeSpan> BareLoopAsync(Simulator simulator, int applications, string color)
    {
        var bodies = Enumerable.Range(0, applications).Select(index => Body(index, color)).ToArray();
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, applications), new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (index, cancellation) =>
        {
            using var content = new ByteArrayContent(bodies[index]) { Headers = { ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml") } };
            using var answer = await simulator.Http.PatchAsync(PathOf(index % simulator.Clusters, $"/bare-{index:00000}?fieldManager=loop&force=true"), content, cancellation);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync(cancellation);
        });
        return Stopwatch.GetElapsedTime(began);
    }

    private static string PathOf(int cluster, string rest) => $"clusters/{Simulator.NameOf(cluster)}/api/v1/namespaces/default/configmaps{rest}";

    private static byte[] Body(int index, string color)
    {
        var data = Enumerable.Range(0, 16).ToDictionary(key => $"key-{key:00}", key => new string((char)('a' + key), 50));
        data["color"] = color;
        return Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { apiVersion = "v1", kind = "ConfigMap", metadata = new { name = $"bare-{index:00000}", @namespace = "default" }, data }));
    }
}
