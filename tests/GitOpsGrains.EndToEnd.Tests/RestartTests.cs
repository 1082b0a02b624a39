using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What still works while something else does not.</summary>
public sealed class RestartTests(RestartTests.Fleet fleet) : IClassFixture<RestartTests.Fleet>
{
    private ApiClient Kube => fleet.Kube;
    private FleetApi Api => fleet.Api;

    [Fact]
    public async Task Drift_is_repaired_from_the_stored_set_after_a_restart_without_Git_and_without_a_clone()
    {
        var space = await fleet.NewNamespaceAsync("no-git");
        await using var git = await GitServer.StartAsync();
        var work = await git.CreateRepositoryAsync(space);
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("edited", "1") + Manifests.ConfigMap("deleted", "1"));
        await Api.ApplyAsync(Manifests.Repository(space, work.Url) + Manifests.Application(space, space));
        await Api.WaitSyncedAsync($"default/{space}", commit);

        await fleet.Silo.StopAsync();
        await git.StopAsync();
        Directory.Delete(Path.Combine(fleet.Silo.DataDirectory, "mirrors"), recursive: true);
        await Kube.PatchAsync(KubeExtensions.ConfigMapPath(space, "edited"), """{"data":{"value":"mine"}}""");
        await Kube.DeleteAsync(KubeExtensions.ConfigMapPath(space, "deleted"));
        await fleet.Silo.StartAsync();

        await Kube.WaitValueAsync(space, "edited", "1");
        await Kube.WaitValueAsync(space, "deleted", "1");
        await Kube.DeleteAsync(KubeExtensions.ConfigMapPath(space, "edited"));
        await Kube.WaitValueAsync(space, "edited", "1");
        var status = await Api.WaitAsync($"default/{space}", now => now.Conditions.Any(condition => condition.Type == "RepositoryUnreachable"), "the condition that Git is down");
        Assert.Equal(commit, status.Revision);
        await Api.DeleteApplicationAsync($"default/{space}");
    }

    [Fact]
    public async Task A_silo_that_starts_before_its_cluster_goes_on_when_the_cluster_comes()
    {
        await using var late = await ApiServer.StartAsync();
        var work = await fleet.NewRepositoryAsync("late");
        var space = Path.GetFileName(work.Folder);
        await late.Client.CreateNamespaceAsync(space);
        var first = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await Api.ApplyAsync(
            Manifests.Cluster("late", late.WriteKubeconfig(Path.Combine(late.Folder, "kubeconfig.yaml"))) + Manifests.Application(space, space, clusters: "late"));
        await Api.WaitSyncedAsync($"default/{space}", first);

        await fleet.Silo.StopAsync();
        await late.StopAsync();
        await fleet.Silo.StartAsync();
        await Eventually.GetAsync(() => Api.ClusterAsync("late"), seen => seen.Status.State == "ClusterUnreachable", "the state of a dead cluster");
        var second = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "2"));
        var blind = await Api.WaitAsync($"default/{space}", status => status.Revision == second, "the new revision, on no cluster");
        Assert.Equal("Unknown", blind.Sync);

        await late.StartAsync();
        await Api.WaitSyncedAsync($"default/{space}", second, TimeSpan.FromSeconds(60));
        Assert.Equal("2", await late.Client.ValueAsync(space, "one"));
        await Api.DeleteApplicationAsync($"default/{space}");
    }

    [Fact]
    public async Task A_cluster_that_never_answers_delays_no_other()
    {
        // Takes connections and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}");
        var kubeconfig = fleet.Server.WriteKubeconfig(Path.Combine(fleet.Server.Folder, "silent.yaml"), "token: none", $"certificate-authority: {fleet.Server.CaFile}", address);
        var work = await fleet.NewRepositoryAsync("silent");
        var space = Path.GetFileName(work.Folder);
        var first = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await Api.ApplyAsync(Manifests.Cluster("silent", kubeconfig) + Manifests.Application(space, space, clusters: $"silent, {FleetFixture.Cluster}"));
        await Kube.WaitValueAsync(space, "one", "1", TimeSpan.FromSeconds(10));
        await Api.StartAsync($"default/{space}", "refresh");

        await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "2"));
        await Api.StartAsync($"default/{space}", "refresh");
        await Kube.WaitValueAsync(space, "one", "2", TimeSpan.FromSeconds(5));

        Assert.Equal("Unknown", (await Api.TargetAsync($"default/{space}", "silent")).Sync);
        Assert.NotEqual(first, (await Api.ApplicationAsync($"default/{space}")).Status.Revision);
    }

    [Fact]
    public async Task A_hook_with_a_generated_name_that_runs_at_a_restart_is_waited_for_and_not_made_twice()
    {
        var work = await fleet.NewRepositoryAsync("hook");
        var space = Path.GetFileName(work.Folder);
        await using var pods = await Syncing.PodStandIn.StartAsync(Kube, space, "migrate");
        await work.PublishAsync("app/all.yaml",
            Syncing.Workloads.Job("migrate-", Syncing.Workloads.Hook("PreSync", "HookSucceeded"), "run: migrate") + Manifests.ConfigMap("after", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space));
        var jobs = $"/apis/batch/v1/namespaces/{space}/jobs";
        var job = (await Eventually.GetAsync(JobsAsync, found => found.Length == 1, "the hook"))[0];

        await fleet.Silo.StopAsync();
        await fleet.Silo.StartAsync();
        await Api.WaitAsync($"default/{space}", status => status.Sync != "Unknown", "the cluster read again");
        Assert.Equal([job], await JobsAsync());

        await pods.LetGoAsync("migrate");
        await Kube.WaitValueAsync(space, "after", "1");
        await Eventually.TrueAsync(async () => (await JobsAsync()).Length == 0, "the hook gone");
        await Api.DeleteApplicationAsync($"default/{space}");

        async Task<string[]> JobsAsync() => [.. (await Kube.GetJsonAsync(jobs)).GetProperty("items").EnumerateArray().Select(item => item.Metadata("name"))];
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_sync_that_a_person_asked_for_and_a_restart_interrupts_goes_on_and_runs_no_hook_twice(bool killed, bool endsMeanwhile)
    {
        var work = await fleet.NewRepositoryAsync("asked");
        var space = Path.GetFileName(work.Folder);
        await using var pods = await Syncing.PodStandIn.StartAsync(Kube, space, "before", "migrate");
        await work.PublishAsync("app/all.yaml",
            Syncing.Workloads.Job("before", Syncing.Workloads.Hook("PreSync"), "run: before") + Syncing.Workloads.Job("migrate", $"{Syncing.Workloads.Hook("PreSync")}, {Syncing.Workloads.Wave(1)}", "run: migrate") + Manifests.ConfigMap("after", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space, sync: "{automated: false}"));
        var asked = await Api.StartAsync($"default/{space}", "sync");
        var before = await UidAsync("before");
        await CompleteAsync("before");
        var migrate = await UidAsync("migrate");
        await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.Message.StartsWith("PreSync wave 1 runs 1 hooks", StringComparison.Ordinal), "the second hook, waited for");

        if (killed) await fleet.Silo.KillAsync();
        else await fleet.Silo.StopAsync();
        if (endsMeanwhile) await CompleteAsync("migrate");
        await fleet.Silo.StartAsync();
        if (!endsMeanwhile)
        {
            await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.Phase == OperationPhase.Running, "the operation under way");
            await CompleteAsync("migrate");
        }

        var ended = await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.Phase is not (OperationPhase.Pending or OperationPhase.Running), "the end of the sync");
        Assert.Equal((OperationPhase.Succeeded, "1 created, 2 hooks succeeded"), (ended.Phase, ended.Message));
        await Kube.WaitValueAsync(space, "after", "1");
        Assert.Equal((before, migrate), (await UidAsync("before"), await UidAsync("migrate")));
        await Api.DeleteApplicationAsync($"default/{space}");

        string PathOf(string job) => $"/apis/batch/v1/namespaces/{space}/jobs/{job}";

        // The operation is read with it for what a time-out says.
        async Task<string> UidAsync(string job) => (await Eventually.GetAsync(
            async () => (Live: await Kube.FindJsonAsync(PathOf(job)), (await Api.OperationAsync(asked.Id)).Message), found => found.Live is not null, $"the hook {job}")).Live!.Value.Metadata("uid");

        async Task CompleteAsync(string job)
        {
            await pods.LetGoAsync(job);
            await Eventually.TrueAsync(async () => (await Kube.GetJsonAsync(PathOf(job))).GetProperty("status").TryGetProperty("completionTime", out _), $"the hook {job} complete");
        }
    }

    [Fact]
    public async Task A_hook_of_a_deletion_that_ends_while_the_silo_is_down_is_not_run_again()
    {
        var work = await fleet.NewRepositoryAsync("drained");
        var (space, jobs) = (Path.GetFileName(work.Folder), $"/apis/batch/v1/namespaces/{Path.GetFileName(work.Folder)}/jobs");
        await using var pods = await Syncing.PodStandIn.StartAsync(Kube, space, "drain");
        await work.PublishAsync("app/all.yaml", Syncing.Workloads.Job("drain", Syncing.Workloads.Hook("PreDelete"), "run: drain") + Manifests.ConfigMap("first", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space));
        await Kube.WaitValueAsync(space, "first", "1");
        var since = (await Kube.GetJsonAsync(jobs)).Metadata("resourceVersion");
        await Api.DeleteAsync($"applications/default/{space}?cascade=foreground");
        await Eventually.TrueAsync(async () => await Kube.FindJsonAsync($"{jobs}/drain") is not null, "the hook");

        await fleet.Silo.KillAsync();
        await pods.LetGoAsync("drain");
        await Eventually.TrueAsync(async () => (await Kube.GetJsonAsync($"{jobs}/drain")).GetProperty("status").TryGetProperty("completionTime", out _), "the hook complete");
        await fleet.Silo.StartAsync();
        await Eventually.TrueAsync(async () => await Kube.FindJsonAsync($"/api/v1/namespaces/{space}/configmaps/first") is null, "the objects gone");

        var events = (await Kube.GetTextAsync($"{jobs}?watch=1&resourceVersion={since}&timeoutSeconds=1")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(events, line => line.StartsWith("{\"type\":\"ADDED\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sync_between_its_tries_waits_on_after_a_restart()
    {
        var work = await fleet.NewRepositoryAsync("between");
        var space = Path.GetFileName(work.Folder);
        await work.PublishAsync("app/all.yaml", Manifests.ConfigMap("lost", "1").Replace("name: lost", $"name: lost, namespace: {space}-late", StringComparison.Ordinal));
        await Api.ApplyAsync(Manifests.Application(space, space, sync: "{automated: false, retry: {backoff: {duration: 1h, max: 1h}}}"));
        var asked = await Api.StartAsync($"default/{space}", "sync");
        var waiting = await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.NextAttempt is not null, "the wait for the next try");
        // The operation shows before it is durable. The storage commits in order: what is acknowledged now comes after it.
        await Api.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Project
            metadata: {name: "{{space}}"}
            spec: {repositories: ["*"], clusters: ["*"]}
            """);

        await fleet.Silo.KillAsync();
        await fleet.Silo.StartAsync();

        var still = await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.NextAttempt is not null, "the operation, read again from its target");
        Assert.Equal((OperationPhase.Running, 2, waiting.NextAttempt, waiting.Message), (still.Phase, still.Attempt, still.NextAttempt, still.Message));
        await Api.StartAsync($"default/{space}", "terminate");
        var ended = await Eventually.GetAsync(() => Api.OperationAsync(asked.Id), operation => operation.Phase != OperationPhase.Running, "the end of the sync");
        Assert.Equal(OperationPhase.Terminated, ended.Phase);
        await Api.DeleteApplicationAsync($"default/{space}");
    }

    public sealed class Fleet : FleetFixture;
}
