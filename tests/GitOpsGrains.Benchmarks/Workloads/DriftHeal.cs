using System.Diagnostics;
using GitOpsGrains.Benchmarks.Results;
using GitOpsGrains.Benchmarks.Stage;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Benchmarks.Workloads;

/// <summary>
/// B4: every 100 ms somebody changes (60 %) or deletes (30 %) one object of ten applications, or sets a field that Git does
/// not have (10 %), which must stay. Each object is hit once. The clock runs between what the watch beside the silo saw:
/// the violation, and the object as in Git again.
/// </summary>
internal static class DriftHeal
{
    private const string Name = "b4";
    private const int Applications = 10;
    private const string Manager = "rogue";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private enum Deed
    {
        Change,
        Delete,
        Add,
    }

    private sealed record Violation(string Space, string Name, Deed Deed)
    {
        public long Sent { get; set; }
        public long Seen { get; set; }
        public long Restored { get; set; }
    }

    public static async Task RunAsync(BenchmarkStage stage, Report report)
    {
        var each = stage.Options.Objects / Applications;
        var violations = Draw(each, Math.Min(stage.Options.Rounds ?? 600, each * Applications));
        var repository = await stage.Git.CreateRepositoryAsync("drift");
        for (var index = 0; index < Applications; index++) await repository.WriteAsync($"{Space(index)}/d.yaml", Podinfo.Deployments(each, "#heal"));
        var commit = await repository.CommitAsync("Add all");
        await repository.PushAsync();
        await using var silo = await stage.StartSiloAsync(repository);
        for (var index = 0; index < Applications; index++) await stage.Server.Client.CreateNamespaceAsync(Space(index));
        await silo.Client.ApplyAsync(string.Join("---\n", Enumerable.Range(0, Applications).Select(index => SiloClient.Application(Space(index), Space(index), Space(index)))));
        await silo.Client.WaitAllSyncedAsync(Applications, commit);

        await using var watch = await LiveWatch.StartAsync(stage.Server, "/apis/apps/v1/deployments");
        var requests = await stage.Server.ReadRequestCountsAsync();
        var cpu = silo.Usage.Cpu;
        foreach (var violation in violations) await ViolateAsync(stage.Server, violation);
        await CollectAsync(watch, violations);
        var ownCpu = (silo.Usage.Cpu - cpu) / violations.Count;
        var since = (await stage.Server.ReadRequestCountsAsync()).Since(requests);
        await VerifyAsync(stage.Server, violations, each);

        var healed = violations.Where(violation => violation.Deed != Deed.Add).ToArray();
        var (seen, sent) = (new Series(), new Series());
        foreach (var violation in healed)
        {
            seen.Add(Stopwatch.GetElapsedTime(violation.Seen, violation.Restored));
            sent.Add(Stopwatch.GetElapsedTime(violation.Sent, violation.Restored));
        }

        // The injector writes once per violation, a heal once: what is beyond is a false heal.
        report.Add(Name, $"false heals among {violations.Count} violations", since.Of("APPLY", "deployments") + since.Of("PATCH", "deployments") + since.Of("DELETE", "deployments") - violations.Count - healed.Length - DryRuns(violations), "writes", 0);
        report.Add(Name, "drift seen → restored", seen, goal: 15);
        report.Add(Name, "drift seen → restored", seen, 99, goal: 100);
        report.Add(Name, "rogue request sent → restored", sent);
        report.Add(Name, "rogue request sent → restored", sent, 99);
        report.Add(Name, "own CPU per violation", ownCpu.TotalMilliseconds, "ms");
        report.Add(Name, "reads per violation", (double)since.Of("GET", "deployments") / violations.Count, "requests");
        await PeerAsync(stage, report);
    }

    /// <summary>A change is dry-run once before it is healed, and so is what turns out to be nothing of ours; a deletion is not.</summary>
    private static int DryRuns(IEnumerable<Violation> violations) => violations.Count(violation => violation.Deed != Deed.Delete);

    private static string Space(int index) => $"drift-{index}";

    private static List<Violation> Draw(int each, int count)
    {
        var random = new Random(4);
        var objects = Enumerable.Range(0, Applications * each).ToArray();
        random.Shuffle(objects);
        return [.. objects.Take(count).Select((drawn, index) => new Violation(Space(drawn % Applications), Podinfo.Name(drawn / Applications), (index % 10) switch
        {
            < 6 => Deed.Change,
            < 9 => Deed.Delete,
            _ => Deed.Add,
        }))];
    }

    private static async Task ViolateAsync(ApiServer server, Violation violation)
    {
        var path = $"{LiveObjects.PathOf(violation.Space)}/{violation.Name}";
        var next = Task.Delay(Pause);
        violation.Sent = Stopwatch.GetTimestamp();
        await (violation.Deed switch
        {
            Deed.Change => server.Client.PatchAsync(path, """{"spec":{"minReadySeconds":7}}""", manager: Manager),
            Deed.Delete => server.Client.DeleteAsync(path),
            _ => server.Client.PatchAsync(path, """{"spec":{"paused":true}}""", manager: Manager),
        });
        await next;
    }

    private static async Task CollectAsync(LiveWatch watch, IReadOnlyList<Violation> violations)
    {
        var open = violations.ToDictionary(violation => (violation.Space, violation.Name));
        var left = violations.Count(violation => violation.Deed != Deed.Add);
        await watch.WaitAsync(seen =>
        {
            if (!open.TryGetValue((seen.Namespace, seen.Name), out var violation) || violation.Deed == Deed.Add) return false;
            var isViolation = seen.Type == "DELETED" || seen.Object.GetProperty("spec").GetProperty("minReadySeconds").GetInt32() == 7;
            if (isViolation) violation.Seen = violation.Seen == 0 ? seen.At : violation.Seen;
            else if (violation.Seen != 0 && violation.Restored == 0)
            {
                violation.Restored = seen.At;
                left--;
            }

            return left == 0;
        }).WaitAsync(Patience);
    }

    private static async Task VerifyAsync(ApiServer server, IReadOnlyList<Violation> violations, int each)
    {
        for (var index = 0; index < Applications; index++) await LiveObjects.VerifyAsync(server, Space(index), each, _ => "#heal");
        foreach (var violation in violations.Where(violation => violation.Deed == Deed.Add))
        {
            var live = await server.Client.GetJsonAsync($"{LiveObjects.PathOf(violation.Space)}/{violation.Name}");
            if (!live.GetProperty("spec").TryGetProperty("paused", out var paused) || !paused.GetBoolean())
                throw new InvalidOperationException($"void: a field that is not in Git was removed from {violation.Space}/{violation.Name}");
        }
    }

    /// <summary>What a loop of kubectl diff and apply over the same objects takes to find and mend one change.</summary>
    private static async Task PeerAsync(BenchmarkStage stage, Report report)
    {
        if (stage.Kubectl is not { } kubectl) return;
        await stage.Server.Client.CreateNamespaceAsync("drift-peer");
        var file = Path.Combine(stage.Git.Root, "drift-peer.yaml");
        await File.WriteAllTextAsync(file, Podinfo.Deployments(stage.Options.Objects, "#heal"));
        await kubectl.ApplyAsync("drift-peer", file);
        await stage.Server.Client.PatchAsync($"{LiveObjects.PathOf("drift-peer")}/{Podinfo.Name(0)}", """{"spec":{"minReadySeconds":7}}""", manager: Manager);
        var wall = new Series();
        var diff = await kubectl.DiffAsync("drift-peer", file, 1);
        wall.Add(diff.Wall + (await kubectl.ApplyAsync("drift-peer", file)).Wall);
        report.Add(Name, "one loop of kubectl diff and apply", wall);
    }
}
