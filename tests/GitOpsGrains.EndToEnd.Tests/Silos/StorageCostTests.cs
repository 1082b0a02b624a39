using System.Text.RegularExpressions;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>What a sync costs where the storage is billed by request: writes, counted by the server.</summary>
public sealed partial class StorageCostTests : ServersFixture
{
    private const int Applications = 4;
    private const int Syncs = 2;

    [Fact]
    public async Task A_sync_writes_a_targets_records_at_most_so_often()
    {
        using var azurite = await Azurite.StartAsync();
        await using var group = new SiloGroup(azurite.Settings);
        var silo = await group.StartAsync();
        var (work, spaces) = await RegisterAsync(silo.Api);
        await SettleAsync(azurite);
        var before = WritesOf(azurite);

        for (var sync = 1; sync <= Syncs; sync++)
        {
            var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", $"{sync}"));
            foreach (var space in spaces) await silo.Api.WaitSyncedAsync($"default/{space}", commit);
            // The inventory is written behind.
            await SettleAsync(azurite);
        }

        var after = WritesOf(azurite);
        var writes = after.ToDictionary(item => item.Key, item => item.Value - before.GetValueOrDefault(item.Key));
        foreach (var (record, count) in writes.OrderBy(item => item.Key, StringComparer.Ordinal))
            TestContext.Current.TestOutputHelper?.WriteLine($"{record}: {count / (double)(Syncs * Applications):0.00} writes per sync and target");
        Assert.InRange(writes["state target"], 1, 2 * Syncs * Applications);
        Assert.InRange(writes["state application"], 1, Syncs * Applications);
        // The applications share a set.
        Assert.InRange(writes["manifests index"], 1, Syncs);
        Assert.InRange(writes["manifests page"], 1, Syncs);
        string[] counted = ["state target", "state application", "manifests index", "manifests page"];
        Assert.All(writes.Where(item => !counted.Contains(item.Key)), item => Assert.Equal(0, item.Value));
    }

    private async Task<(GitWorkspace Work, string[] Spaces)> RegisterAsync(FleetApi api)
    {
        var spaces = new string[Applications];
        for (var i = 0; i < spaces.Length; i++) spaces[i] = await NewNamespaceAsync("cost");
        var work = await Git.CreateRepositoryAsync(spaces[0]);
        await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "0"));
        await api.ApplyAsync(
            Manifests.Cluster(Server)
            + Manifests.Repository(spaces[0], work.Url)
            + string.Concat(spaces.Select(space => Manifests.Application(space, spaces[0], space: space))));
        foreach (var space in spaces) await api.WaitSyncedAsync($"default/{space}", await work.HeadAsync());
        return (work, spaces);
    }

    /// <summary>Until nothing has been written for 3 s: longer than what is written behind waits.</summary>
    private static async Task SettleAsync(Azurite azurite)
    {
        var (count, since) = (-1, DateTimeOffset.UtcNow);
        await Eventually.TrueAsync(() =>
        {
            var now = WritesOf(azurite).Values.Sum();
            if (now != count) (count, since) = (now, DateTimeOffset.UtcNow);
            return Task.FromResult(DateTimeOffset.UtcNow - since > TimeSpan.FromSeconds(3));
        }, "a quiet storage", TimeSpan.FromSeconds(60));
    }

    /// <summary>Writes of blobs so far, by the name of the record.</summary>
    private static Dictionary<string, int> WritesOf(Azurite azurite) => Write().Matches(azurite.Log)
        .GroupBy(match => $"{match.Groups["store"].Value} {match.Groups["record"].Value}").ToDictionary(group => group.Key, group => group.Count());

    [GeneratedRegex(@"""(?:PUT|DELETE) /devstoreaccount1/[a-z0-9-]+-(?<store>state|manifests)/(?<record>[a-z]+(?:-[0-9a-z]+?)?)-(?:access|installation|repositorycredentials|catalog|repository|repository-address|project|cluster|application|target|credential|gogmanifest)[%/]")]
    private static partial Regex Write();
}
