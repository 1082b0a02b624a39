using System.Globalization;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Watches: events, bookmarks, ends, and versions that are gone.</summary>
public sealed class WatchTests(SimulationStage stage)
{
    [Fact]
    public async Task Bookmarks_ComeEachMinuteToWhoAsks_WithTheNewestVersion()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var fleet = await SimulatedFleet.StartAsync(new SimulatedFleetOptions { Time = time });
        using var cluster = SimulationStage.NewCluster(fleet, new SimulatedClusterOptions { Controllers = false });
        var from = (await cluster.GetAsync(Sample.ConfigMaps)).Version;
        using var asked = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={from}&allowWatchBookmarks=true&timeoutSeconds=150");
        using var unasked = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={from}&timeoutSeconds=150");
        // Of another kind: bookmarks tell of versions that no event told of.
        var newest = (await cluster.PostAsync("/api/v1/namespaces/default/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"}}""")).Ok().Version;

        var (seen, others) = (asked.ToEndAsync(), unasked.ToEndAsync());
        await AdvanceUntilAsync(time, Task.WhenAll(seen, others));

        Assert.Equal([$"BOOKMARK {newest}", $"BOOKMARK {newest}"], await seen);
        Assert.Empty(await others);
    }

    [Fact]
    public async Task Watch_OfMetadata_HasBookmarksAndEventsOfMetadata()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var fleet = await SimulatedFleet.StartAsync(new SimulatedFleetOptions { Time = time });
        using var cluster = SimulationStage.NewCluster(fleet, new SimulatedClusterOptions { Controllers = false });
        using var http = SimulatedUserClient.NewHttp(fleet, cluster.Cluster.Users[0].Token);
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

        var answer = http.GetStringAsync($"/clusters/{cluster.Cluster.Name}{Sample.ConfigMaps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=70");
        await AdvanceUntilAsync(time, answer);

        var events = (await answer).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, events.Length);
        Assert.All(events, static line => Assert.Contains("\"kind\":\"PartialObjectMetadata\"", line, StringComparison.Ordinal));
        Assert.All(events, static line => Assert.DoesNotContain("\"data\"", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watch_FromAVersionThatIsNoLongerKnown_IsAnErrorOf410(bool isCompacted)
    {
        using var cluster = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, KeptEvents = 3 });
        var old = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Version;
        await ChangeAsync(cluster, isCompacted ? 1 : 4);
        if (isCompacted) cluster.Cluster.Compact();

        using var watch = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={old}");

        Assert.Equal(["ERROR 410 Expired"], await watch.ToEndAsync());
    }

    [Fact]
    public async Task Watch_FromTheOldestVersionThatIsKnown_GetsAllSince()
    {
        using var cluster = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, KeptEvents = 3 });
        var old = (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Version;
        await ChangeAsync(cluster, 3);

        using var watch = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={old}");

        for (var at = 0; at < 3; at++) Assert.Equal("MODIFIED a", await watch.NextAsync());
    }

    [Fact]
    public async Task Watch_ThatLagsBehindWhatIsKept_EndsWith410_NotWithAGap()
    {
        using var cluster = stage.NewCluster(new SimulatedClusterOptions { Controllers = false, KeptEvents = 3 });
        (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"))).Ok();
        using var watch = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true");
        Assert.Equal("ADDED a", await watch.NextAsync());

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => cluster.PatchAsync($"{Sample.ConfigMaps}/a", $$$"""{"data":{"n{{{number}}}":"1"}}""", SimulatedUserClient.MergePatch)));

        // Every version is either told of, or the watch says that it can't.
        for (var expected = (await cluster.GetAsync($"{Sample.ConfigMaps}/a")).Version; await watch.NextJsonAsync() is { } change;)
        {
            if (change.GetProperty("type").GetString() == "ERROR") return;
            if (change.GetProperty("object").GetProperty("metadata").GetProperty("resourceVersion").GetString() == expected) return;
        }

        Assert.Fail("the watch ended without a word");
    }

    [Fact]
    public async Task Watch_ThatWasCut_GoesOnWhereItWas()
    {
        using var cluster = stage.NewCluster();
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("b"));
        using var first = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true");
        Assert.Equal("ADDED a", await first.NextAsync());
        var last = (await first.NextJsonAsync())!.Value.GetProperty("object").GetProperty("metadata").GetProperty("resourceVersion").GetString();

        cluster.Cluster.DropWatches();
        await Assert.ThrowsAnyAsync<IOException>(first.NextAsync);
        await cluster.DeleteAsync($"{Sample.ConfigMaps}/a");
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("c"));
        await cluster.PatchAsync($"{Sample.ConfigMaps}/b", """{"data":{"key":"new"}}""", SimulatedUserClient.MergePatch);
        using var second = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={last}");

        Assert.Equal(["DELETED a", "ADDED c", "MODIFIED b"], [await second.NextAsync(), await second.NextAsync(), await second.NextAsync()]);
    }

    [Fact]
    public async Task Watch_WithASelector_TellsOfWhatComesInAndGoesOut()
    {
        using var cluster = stage.NewCluster();
        using var watch = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={(await cluster.GetAsync(Sample.ConfigMaps)).Version}&labelSelector=on%3Dyes");

        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a", ""","labels":{"on":"no"}"""));
        foreach (var label in (string[])["yes", "yes", "no", "yes"])
            await cluster.PatchAsync($"{Sample.ConfigMaps}/a", $$$"""{"metadata":{"labels":{"on":"{{{label}}}"}},"data":{"{{{Guid.NewGuid():N}}}":""}}""", SimulatedUserClient.MergePatch);
        await cluster.DeleteAsync($"{Sample.ConfigMaps}/a");

        foreach (var expected in (string[])["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"]) Assert.Equal(expected, await watch.NextAsync());
    }

    [Fact]
    public async Task Watch_OfOneNamespace_DoesNotTellOfOthers()
    {
        using var cluster = stage.NewCluster();
        using var watch = await cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={(await cluster.GetAsync(Sample.ConfigMaps)).Version}");

        await cluster.PostAsync("/api/v1/namespaces/kube-system/configmaps", Sample.ConfigMap("other"));
        await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("mine"));

        Assert.Equal("ADDED mine", await watch.NextAsync());
    }

    [Fact]
    public async Task ManyWatches_OnOneConnection_AllSeeEveryEventInOrder()
    {
        const int Streams = 400;
        using var cluster = stage.NewCluster();
        var from = (await cluster.GetAsync(Sample.ConfigMaps)).Version;
        var watches = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => cluster.WatchAsync($"{Sample.ConfigMaps}?watch=true&resourceVersion={from}")));

        for (var number = 0; number < 10; number++) (await cluster.PostAsync(Sample.ConfigMaps, Sample.ConfigMap(Name(number)))).Ok();
        var seen = await Task.WhenAll(watches.Select(static watch => TakeAsync(watch, 10)));

        Assert.All(seen, static events => Assert.Equal(Enumerable.Range(0, 10).Select(static number => $"ADDED {Name(number)}"), events));
        foreach (var watch in watches) watch.Dispose();
        Assert.Equal(10, (await cluster.GetAsync(Sample.ConfigMaps)).Names().Length);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"m{number}");

    private static async Task<List<string?>> TakeAsync(WatchReader watch, int count)
    {
        List<string?> events = [];
        while (events.Count < count) events.Add(await watch.NextAsync());
        return events;
    }

    private static async Task ChangeAsync(SimulatedUserClient cluster, int times)
    {
        for (var number = 0; number < times; number++)
            (await cluster.PatchAsync($"{Sample.ConfigMaps}/a", $$$"""{"data":{"key":"{{{number}}}"}}""", SimulatedUserClient.MergePatch)).Ok();
    }

    private static Task AdvanceUntilAsync(FakeTimeProvider time, Task end) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return end.IsCompleted;
        },
        "the end of the watches");
}
