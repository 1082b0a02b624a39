using System.Diagnostics;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>The same cases through the whole product: Git's content comes back, and nothing more is asked or written than must be.</summary>
public sealed class HealTests(HealedCases fleet, ITestOutputHelper output) : IClassFixture<HealedCases>
{
    private static readonly TimeSpan HealDeadline = TimeSpan.FromSeconds(15);

    /// <summary>The first of two steps may be put back at once; then an object is not looked at again for 10 s.</summary>
    private static readonly TimeSpan AfterPause = TimeSpan.FromSeconds(13);

    public static TheoryData<string> Drifts => [.. HealedCases.Names(Verdict.Drift)];
    public static TheoryData<string> Alarms => [.. HealedCases.Names(Verdict.Alarm)];
    public static TheoryData<string> Quiets => [.. HealedCases.Names(Verdict.Quiet)];

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Drift_OfACase_IsPutBack(string name)
    {
        var item = Start(name);
        var wanted = LeavesOf(item, (await item.ReadAsync())!);
        var before = RequestsOf(item).Count;

        await HealedCases.Find(name).Edit(item);

        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(
            async () => RequestsOf(item).Skip(before).Any(request => request.IsWrite) && await item.ReadAsync() is { } live
                && wanted.SequenceEqual(LeavesOf(item, live)) && await item.ObserveAsync() is not null,
            $"{name} as in Git", name.Contains(", then ", StringComparison.Ordinal) ? AfterPause : HealDeadline);
        var healed = clock.Elapsed;
        await WaitSyncedAsync(item);
        var requests = RequestsOf(item).Skip(before).ToArray();
        output.WriteLine($"{name}: {healed.TotalMilliseconds:0} ms, {requests.Length} requests: {string.Join(", ", requests.Select(request => request.ToString()))}");
    }

    [Theory]
    [MemberData(nameof(Alarms))]
    public async Task Alarm_OfACase_IsLookedAtAndNothingIsWritten(string name)
    {
        var item = Start(name);
        var before = RequestsOf(item).Count;

        await HealedCases.Find(name).Edit(item);

        await Eventually.TrueAsync(() => RequestsOf(item).Count > before, $"a look at {name}", HealDeadline);
        await WaitSyncedAsync(item);
        var requests = RequestsOf(item).Skip(before).ToArray();
        output.WriteLine($"{name}: {requests.Length} requests: {string.Join(", ", requests.Select(request => request.ToString()))}");
        Assert.DoesNotContain(requests, request => request.IsWrite);
        Assert.InRange(requests.Length, 1, 2);
    }

    [Theory]
    [MemberData(nameof(Quiets))]
    public async Task Quiet_OfACase_CausesNoRequest(string name)
    {
        var item = Start(name);
        var sentinel = fleet.Sentinel(name);
        var before = RequestsOf(item).Count;

        await HealedCases.Find(name).Edit(item);
        // Events of one kind come in order: when the sentinel is put back, the case has been seen.
        await sentinel.MergeAsync("""{"metadata":{"annotations":{"gitopsgrains.io/digest":"touched"}}}""");
        await Eventually.TrueAsync(() => RequestsOf(sentinel).Any(request => request.IsWrite && request.Code == 200 && request.Name == "sentinel"), "the sentinel's heal", HealDeadline * 5);

        Assert.Equal(before, RequestsOf(item).Count);
        await WaitSyncedAsync(item);
    }

    private CaseObject Start(string name)
    {
        var drift = HealedCases.Find(name);
        Assert.SkipWhen(fleet.Server.MinorVersion > drift.LastMinor, $"the server {fleet.Server.Version} no longer has what this case needs");
        Assert.SkipWhen(fleet.Server.MinorVersion > 20 && drift.ExpectedLater is not null, "on servers after 1.20 this case comes to something else");
        return fleet.Object(name);
    }

    /// <summary>Servers of 1.20 put an item that comes back at the end of its list.</summary>
    private KeyValuePair<string, string>[] LeavesOf(CaseObject item, LiveObject live) =>
        [.. DesiredLeaves.Read(item.Desired.Json(), live.Root).Where(leaf => fleet.Server.MinorVersion > 20 || !leaf.Key.EndsWith("#order", StringComparison.Ordinal))];

    /// <summary>What the product asked about the object since the first sync began, without lists and watches.</summary>
    private List<AuditedRequest> RequestsOf(CaseObject item) =>
        [.. fleet.Audit.Read().Where(request => request.Namespace == item.Space && request.Name == item.Desired.Id.Name && request.Resource == item.Resource.Plural)];

    private async Task WaitSyncedAsync(CaseObject item) => await Eventually.GetAsync(
        () => fleet.Api.TargetAsync(HealedCases.Application, FleetFixture.Cluster),
        view => view.Objects!.Single(seen => seen.Id == item.Desired.Id.ToString()) is { Sync: "Synced", Message: null }, "the object Synced", TimeSpan.FromSeconds(5));
}
