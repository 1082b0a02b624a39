using System.Diagnostics;
using System.Text.Json;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>A gateway that knows nothing but the storage finds the silos, follows them, and bridges the loss of either.</summary>
public abstract class FoundByStorageTests
{
    // The membership's, which the gateway's own look each 5 s follows.
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(25);

    protected abstract Task<StorageServer> StartStorageAsync();

    [Fact]
    public async Task A_gateway_survives_the_silo_it_was_connected_to_and_finds_one_that_joined_later()
    {
        using var storage = await StartStorageAsync();
        await using var group = new SiloGroup(storage.Settings);
        var first = await group.StartAsync();
        await using var gateway = await group.StartGatewayAsync();
        await first.Api.ApplyAsync(Manifests.Application("podinfo", "nowhere"));
        Assert.Equal(["podinfo"], await NamesAsync(gateway.Api));

        // The gateway is connected to the first alone: who joins has to be found.
        var second = await group.StartAsync();
        await Eventually.TrueAsync(async () => (await gateway.Api.TextAsync("silos")).Split("\"status\":\"Active\"").Length == 3, "two silos");
        await first.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => await IsAnsweredAsync(gateway.Api), "an answer by the silo that joined", Detection);
        TestContext.Current.TestOutputHelper?.WriteLine($"answered {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill");
        Assert.True(await gateway.Api.IsReadyAsync());

        await group.StartAsync();
        await second.KillAsync();
        await Eventually.TrueAsync(async () => await IsAnsweredAsync(gateway.Api), "an answer by the third", Detection);
        Assert.DoesNotContain(storage.Secret, gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storage_that_is_not_there_keeps_a_gateway_waiting_and_takes_no_silo_from_one_that_has_it()
    {
        using var storage = await StartStorageAsync();
        await using var group = new SiloGroup(storage.Settings);
        await group.StartAsync();
        await using var gateway = await group.StartGatewayAsync();
        storage.Pause();
        await Eventually.TrueAsync(() => gateway.Log.Contains("The silos can't be looked up", StringComparison.Ordinal), "a look that failed", TimeSpan.FromSeconds(60));
        Assert.True(await gateway.Api.IsReadyAsync());
        var later = await group.StartGatewayAsync();
        await Eventually.TrueAsync(() => later.Log.Contains("No silo answers; trying every second: the ", StringComparison.Ordinal), "a start without the storage", TimeSpan.FromSeconds(60));
        Assert.False(await later.Api.IsReadyAsync());

        storage.Resume();
        await later.ReadyAsync(TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => gateway.Log.Contains("The silos can be looked up again", StringComparison.Ordinal), "a look that succeeded", TimeSpan.FromSeconds(60));
        Assert.Empty(await NamesAsync(gateway.Api));
        foreach (var log in new[] { gateway.Log, later.Log })
        {
            Assert.DoesNotContain(storage.Secret, log, StringComparison.Ordinal);
            // Nobody's stack: what happened is a sentence.
            Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        }
    }

    private static async Task<string[]> NamesAsync(FleetApi api)
    {
        using var list = JsonDocument.Parse(await api.TextAsync("applications"));
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!)];
    }

    private static async Task<bool> IsAnsweredAsync(FleetApi api)
    {
        try
        {
            return await NamesAsync(api) is ["podinfo"];
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

public sealed class FoundByAzureTests : FoundByStorageTests
{
    protected override Task<StorageServer> StartStorageAsync() => StorageServer.AzureAsync();
}

public sealed class FoundByRedisTests : FoundByStorageTests
{
    protected override Task<StorageServer> StartStorageAsync() => StorageServer.RedisAsync();
}
