using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>A class of its own, since the shortest interval is a minute: it waits beside the others.</summary>
public sealed class PeriodicCheckTests(PeriodicCheckTests.Fleet fleet) : IClassFixture<PeriodicCheckTests.Fleet>
{
    [Fact]
    public async Task After_a_restart_the_reminder_reads_the_cluster_deeply_with_nobody_asking()
    {
        var work = await fleet.NewRepositoryAsync("periodic");
        var space = Path.GetFileName(work.Folder);
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await fleet.Api.ApplyAsync(Manifests.Application(space, space).Replace("deepInterval: 15m", "deepInterval: 1m", StringComparison.Ordinal));
        await fleet.Api.WaitSyncedAsync($"default/{space}", commit);
        await fleet.Silo.KillAsync();
        await fleet.Silo.StartAsync();
        await fleet.Api.WaitSyncedAsync($"default/{space}", commit);

        var before = await fleet.Server.ReadRequestCountsAsync();
        var requests = await Eventually.GetAsync(
            async () => (await fleet.Server.ReadRequestCountsAsync()).Since(before), seen => seen.Of("LIST", "configmaps") > 0,
            "a deep check that reads the ConfigMaps", TimeSpan.FromMinutes(4));
        Assert.Equal(0, requests.Writes("configmaps") + requests.DryRuns("configmaps"));
    }

    public sealed class Fleet : FleetFixture;
}
