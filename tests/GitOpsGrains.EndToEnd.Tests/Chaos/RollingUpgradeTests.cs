using System.Net;
using System.Text.RegularExpressions;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>Silos and a gateway of an older version that are replaced one by one by those of this one, and back, while they sync.</summary>
public sealed partial class RollingUpgradeTests : ServersFixture
{
    /// <summary>
    /// Of before what silos say to each other grew, with its faults in resuming a sync and in cutting off its last writes mended. With a
    /// release this becomes the commit of the last one.
    /// </summary>
    private const string Older = "7e374adb64d4fdc79ff54ddde3470ced80f9b05c";

    private const int Applications = 4;
    private const int Objects = 250;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<(string Application, string Id)> _asked = [];
    private int _commits;

    [Fact(Explicit = true)]
    public async Task SilosOfTwoVersions_ReplacedOneByOneAndBackDuringSyncs_LoseNothingAndWriteNothingTwice()
    {
        var older = await OlderVersion.BuildAsync(Older);
        Assert.SkipWhen(older is null, $"the history that is here does not reach back to {Older} (a shallow clone?): there is no older version to begin with");
        using var storage = await StorageServer.RedisAsync();
        await using var group = new SiloGroup(storage.Settings);
        SiloProcess[] silos = [await group.StartAsync("silo-0", version: older), await group.StartAsync("silo-1", version: older)];
        var gateway = await group.StartGatewayAsync(version: older);
        await gateway.ReadyAsync();
        var all = await RegisterAsync(gateway.Api);
        var before = await RequestCounts.ReadAsync(Server.Client);
        await using var documents = AcknowledgedDocuments.Begin(gateway.Api);

        foreach (var silo in silos) await ReplaceAsync(silo, null, gateway, all);
        await ReplaceAsync(gateway, null);
        await SyncAsync(gateway, all);
        // And back: gateways first, as they may be older than their silos, and need not be younger.
        await ReplaceAsync(gateway, older);
        foreach (var silo in silos.Reverse()) await ReplaceAsync(silo, older, gateway, all);
        await SyncAsync(gateway, all);

        var requests = (await RequestCounts.ReadAsync(Server.Client)).Since(before);
        TestContext.Current.TestOutputHelper?.WriteLine($"the server has answered: {requests}");
        await documents.AssertAllThereAsync(gateway.Api);
        Assert.All(documents.Refusals, refusal => Assert.True(refusal.Status is null or HttpStatusCode.ServiceUnavailable, refusal.Message));
        // None was cut off or made twice. The next silo's watch may begin a moment behind the last writes of the one before: such a write is refused.
        Assert.Equal(Applications * Objects * _commits, requests.Writes("configmaps") - requests.Conflicts("configmaps"));
        foreach (var objects in all) Assert.Equal(0, await objects.AssertNothingWasLostAsync(gateway.Api));
        await AssertCarriedOutAsync(gateway.Api);
        foreach (var log in new[] { silos[0].Logs, silos[1].Logs, gateway.Logs }) AssertUnderstood(log);
        foreach (var objects in all) await objects.DisposeAsync();
    }

    /// <summary>In the middle of the syncs of a commit, with commands that were just taken.</summary>
    private async Task ReplaceAsync(SiloProcess silo, OlderVersion? version, GatewayProcess gateway, IReadOnlyList<CountedObjects> all)
    {
        await PublishAsync(gateway, all);
        await Eventually.TrueAsync(async () => await WrittenAsync(all) > 20, "syncs that have begun", Patience);
        Assert.Equal(0, await silo.StopAsync());
        var written = await WrittenAsync(all);
        silo.Version = version;
        await silo.StartAsync();
        foreach (var objects in all) await objects.SyncedByAsync(gateway.Api, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine($"{written} of {Applications * Objects} objects were written when a silo ended to come back {(version is null ? "newer" : "older")}");
    }

    private static async Task ReplaceAsync(GatewayProcess gateway, OlderVersion? version)
    {
        Assert.Equal(0, await gateway.StopAsync());
        gateway.Version = version;
        await gateway.StartAsync();
        await gateway.ReadyAsync();
    }

    private async Task SyncAsync(GatewayProcess gateway, IReadOnlyList<CountedObjects> all)
    {
        await PublishAsync(gateway, all);
        foreach (var objects in all) await objects.SyncedByAsync(gateway.Api, Patience);
    }

    private async Task PublishAsync(GatewayProcess gateway, IReadOnlyList<CountedObjects> all)
    {
        _commits++;
        foreach (var objects in all) await objects.PublishAsync();
        foreach (var objects in all) _asked.Add((objects.Application, (await gateway.Api.StartAsync(objects.Application, "sync")).Id));
    }

    /// <summary>Every sync that was asked for, whichever version took it, has ended well.</summary>
    private async Task AssertCarriedOutAsync(FleetApi api)
    {
        foreach (var (application, id) in _asked)
        {
            var operation = await Eventually.GetAsync(() => api.OperationAsync(id), seen => seen.Phase is not (OperationPhase.Pending or OperationPhase.Running), $"the end of {id} of {application}");
            Assert.True(operation.Phase == OperationPhase.Succeeded, $"{application} {id}: {operation.Phase} {operation.Message}");
        }
    }

    private static async Task<int> WrittenAsync(IReadOnlyList<CountedObjects> all)
    {
        var written = 0;
        foreach (var objects in all) written += await objects.WrittenAsync();
        return written;
    }

    private async Task<IReadOnlyList<CountedObjects>> RegisterAsync(FleetApi api)
    {
        await api.ApplyAsync(Manifests.Cluster(Server));
        var all = new List<CountedObjects>();
        for (var index = 0; index < Applications; index++)
        {
            var space = await NewNamespaceAsync("upgrade");
            var objects = new CountedObjects(Server.Client, await Git.CreateRepositoryAsync(space), space, Objects);
            await objects.RegisterAsync(api, interval: TimeSpan.FromMinutes(1));
            await objects.WatchAsync();
            all.Add(objects);
        }
        return all;
    }

    /// <summary>
    /// Nobody met what it could not read. The older version tells of each grain that moves that it can't carry its state along, which
    /// the other silo reads from the storage; that is of one version alone, and mended in this one.
    /// </summary>
    private static void AssertUnderstood(string log)
    {
        var entries = Entry().Split(log);
        Assert.NotEmpty(log);
        Assert.All(entries.Where(entry => !entry.Contains("dehydrat", StringComparison.Ordinal)), entry => Assert.DoesNotMatch(NotUnderstood(), entry));
    }

    /// <summary>Before each line that begins an entry: info: warn: fail: crit:</summary>
    [GeneratedRegex("(?m)(?=^(?:info|warn|fail|crit): )", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    [GeneratedRegex(@"Serializ\w*Exception|CodecNotFound|UnsupportedWireType|UnknownReferencedType|FieldTypeMissing|JsonException|MissingMethodException|TypeLoadException|can.t be read as|Exception in deserializ|erializ\w+ (error|failed)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NotUnderstood();
}
