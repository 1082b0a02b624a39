using System.Diagnostics;
using GitOpsGrains.EndToEnd.Tests.Gateways;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>Silos that are started anew one after the other, as for an upgrade, while they sync.</summary>
public sealed class RollingRestartTests : ServersFixture
{
    private const int Applications = 4;
    private const int Objects = 150;
    private const int Rounds = 2;

    /// <summary>A sync stops at its next safe point, at most 15 s away; the rest is closing connections.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Syncs_go_on_over_a_rolling_restart_without_a_failure_and_without_a_second_write()
    {
        using var storage = await StorageServer.RedisAsync();
        await using var group = new SiloGroup(storage.Settings);
        SiloProcess[] silos = [await group.StartAsync("silo-0"), await group.StartAsync("silo-1")];
        var gateway = await group.StartGatewayAsync();
        await gateway.ReadyAsync();
        var (work, spaces) = await RegisterAsync(gateway.Api);
        var before = await RequestCounts.ReadAsync(Server.Client);
        await using var caller = SteadyCaller.Start(gateway.Url, silos[0].Token, "applications", $"applications/default/{spaces[0]}");
        await Eventually.TrueAsync(() => caller.SteadySince(0) is not null, "answers");

        var commit = "";
        for (var round = 1; round <= Rounds; round++)
        {
            commit = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Objects, $"{round}"));
            foreach (var silo in silos)
            {
                await Eventually.TrueAsync(async () => (await WrittenAsync(spaces, round)) > 0, "a sync that has begun");
                var told = Stopwatch.GetTimestamp();
                Assert.Equal(0, await silo.StopAsync());
                var took = Stopwatch.GetElapsedTime(told);
                TestContext.Current.TestOutputHelper?.WriteLine($"round {round}: stopped within {took.TotalSeconds:0.0} s, {await WrittenAsync(spaces, round)} of {Applications * Objects} objects written");
                Assert.InRange(took, TimeSpan.Zero, LongestStop);
                await silo.StartAsync();
            }
            foreach (var space in spaces) await gateway.Api.WaitSyncedAsync($"default/{space}", commit, TimeSpan.FromSeconds(60));
        }

        await caller.StopAsync();
        var refused = caller.Answers.Where(answer => answer.Status != 200).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused.Length} of {caller.Answers.Count} answers were refused, the slowest took {caller.Answers.Max(answer => answer.Took.TotalSeconds):0.0} s");
        foreach (var group503 in refused.GroupBy(answer => answer.Body)) TestContext.Current.TestOutputHelper?.WriteLine($"{group503.Count()} x {group503.Key}");
        Assert.All(refused, answer => Assert.Equal(503, answer.Status));
        Assert.Equal(Applications * Objects, await WrittenAsync(spaces, Rounds));
        // A write under way is answered before its silo ends: sent again, nobody could say whether it was done twice.
        Assert.Equal(Applications * Objects * Rounds, (await RequestCounts.ReadAsync(Server.Client)).Since(before).Writes("configmaps"));
        foreach (var space in spaces)
            Assert.All(await gateway.Api.HistoryAsync($"default/{space}"), sync => Assert.Equal(("Succeeded", null), (sync.Result, sync.Error)));
    }

    [Fact]
    public async Task A_silo_that_is_told_to_end_says_so_first_and_answers_on_while_requests_are_sent_elsewhere()
    {
        using var storage = await StorageServer.RedisAsync();
        await using var group = new SiloGroup(storage.Settings);
        var silo = await group.StartAsync(further: new Dictionary<string, string> { ["Http__Drain"] = "3s" });
        Assert.True(await silo.Api.IsReadyAsync());
        var asked = Stopwatch.GetTimestamp();
        var stopping = silo.StopAsync();

        await Eventually.TrueAsync(async () => !await silo.Api.IsReadyAsync(), "not ready", TimeSpan.FromSeconds(2));
        Assert.Contains("\"items\":[", await silo.Api.TextAsync("applications"), StringComparison.Ordinal);
        Assert.True(await silo.Api.IsAliveAsync());
        Assert.False(stopping.IsCompleted);
        Assert.Equal(0, await stopping);
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3) + LongestStop);
    }

    [Fact]
    public async Task A_silo_that_was_declared_dead_while_it_hung_is_not_ready_again_and_ends()
    {
        using var storage = await StorageServer.RedisAsync();
        await using var group = new SiloGroup(storage.Settings);
        var first = await group.StartAsync();
        var second = await group.StartAsync();
        second.Pause();
        await Eventually.TrueAsync(async () => (await first.Api.TextAsync("silos")).Split("\"status\":").Length == 2, "one silo", TimeSpan.FromSeconds(60));

        second.Resume();
        var (unready, again) = (false, false);
        await Eventually.TrueAsync(
            async () =>
            {
                if (second.HasEnded) return true;
                var ready = await second.Api.IsReadyAsync();
                again |= ready && unready;
                unready |= !ready;
                return false;
            },
            "its end", TimeSpan.FromSeconds(30));
        Assert.False(again, "it was ready again");
    }

    /// <summary>How many objects are as this round's commit says.</summary>
    private async Task<int> WrittenAsync(IEnumerable<string> spaces, int round)
    {
        var written = 0;
        foreach (var space in spaces)
            written += (await Server.Client.GetTextAsync($"/api/v1/namespaces/{space}/configmaps")).Split($"\"data\":{{\"value\":\"{round}\"}}").Length - 1;
        return written;
    }

    private async Task<(GitWorkspace Work, string[] Spaces)> RegisterAsync(FleetApi api)
    {
        var spaces = new string[Applications];
        for (var i = 0; i < spaces.Length; i++) spaces[i] = await NewNamespaceAsync("rolling");
        var work = await Git.CreateRepositoryAsync(spaces[0]);
        var commit = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Objects, "0"));
        await api.ApplyAsync(
            Manifests.Cluster(Server)
            + Manifests.Repository(spaces[0], work.Url)
            + string.Concat(spaces.Select(space => Manifests.Application(space, spaces[0], space: space))));
        foreach (var space in spaces) await api.WaitSyncedAsync($"default/{space}", commit);
        return (work, spaces);
    }
}
