using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using GitOpsGrains.EndToEnd.Tests.Chaos;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.V1;
using Grpc.Core;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Many more requests at once than a gateway and its silo can serve, while commits are pushed.</summary>
public sealed class OverloadTests(GatewayFleet fleet) : IClassFixture<GatewayFleet>
{
    private const int Connections = 1800;
    private const int Strangers = 200;
    private const int Callers = 200;
    private const int Objects = 50;
    private const int TooMany = 429;
    private const long MaxGrowth = 300L * 1024 * 1024;

    private static readonly TimeSpan Load = TimeSpan.FromSeconds(20);

    /// <summary>A poll is due each 5 s; the rest is a machine whose every core is busy.</summary>
    private static readonly TimeSpan LongestToLive = TimeSpan.FromSeconds(20);

    /// <summary>What waits at the door does so for 10 s at most.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(18);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FarMoreRequestsThanCanBeServed_AreToldSoAtOnce_AndCommitsOtherClientsWatchesAndProbesGoOn()
    {
        var greedy = await SecondTokenAsync();
        await using var gateway = await fleet.NewGatewayAsync();
        await using var objects = await RegisterAsync();
        string[] paths = ["applications", "repositories", $"applications/{objects.Application}", $"applications/{objects.Application}/targets", $"applications/{objects.Application}/history"];
        await using var seen = WatchedCommits.Begin(gateway.Api);
        await using var probes = new Probes(gateway);
        await using var caller = SteadyCaller.Start(gateway.Url, fleet.Silo.Token, paths);
        await Eventually.TrueAsync(() => caller.SteadySince(0) is not null, "answers");
        var (siloBefore, gatewayBefore) = (fleet.Silo.ResidentBytes, gateway.ResidentBytes);

        var began = Stopwatch.GetTimestamp();
        await using var flood = RequestFlood.Start(gateway.Url, Connections, greedy, index => paths[index % paths.Length]);
        await using var strangers = RequestFlood.Start(gateway.Url, Strangers, "nobody's", index => paths[index % paths.Length]);
        await using var grpc = new GrpcFlood(gateway.GrpcUrl, greedy, Callers);
        var live = new List<TimeSpan>();
        while (Stopwatch.GetElapsedTime(began) < Load) live.Add(await LiveAsync(objects));
        var (siloLoaded, gatewayLoaded) = (fleet.Silo.ResidentBytes, gateway.ResidentBytes);
        await Task.WhenAll(flood.StopAsync(), strangers.StopAsync(), grpc.StopAsync());
        await AssertServedAgainAsync(gateway, greedy, paths);
        await caller.StopAsync();
        var probed = await probes.EndAsync();

        var output = TestContext.Current.TestOutputHelper;
        output?.WriteLine($"greedy: {flood}\nstrangers: {strangers}\ngRPC: {grpc}");
        output?.WriteLine($"another client: {caller.Answers.Count} answers, {caller.Answers.Max(answer => answer.Took.TotalSeconds):0.0} s at most; {probed.Count} probes, {probed.Max(probe => probe.Took.TotalSeconds):0.0} s at most");
        output?.WriteLine($"commits live after {string.Join(", ", live.Select(took => $"{took.TotalSeconds:0.0} s"))}; silo {siloBefore >> 20} → {siloLoaded >> 20} MB, gateway {gatewayBefore >> 20} → {gatewayLoaded >> 20} MB");
        AssertClear(flood, 200);
        Assert.Contains(flood.Answers.Keys, outcome => outcome.Status == TooMany);
        // They cost little: it may be that there was room for all of them.
        AssertClear(strangers, 401);
        Assert.Equal([StatusCode.OK, StatusCode.ResourceExhausted], grpc.Codes.Order());
        // Who asks little is not told that others ask a lot.
        Assert.All(caller.Answers, answer => Assert.Equal(200, answer.Status));
        Assert.All(caller.Answers, answer => Assert.InRange(answer.Took, TimeSpan.Zero, LongestAnswer));
        Assert.All(probed, probe => Assert.Equal((HttpStatusCode.OK, "ok"), (probe.Status, probe.Body)));
        Assert.All(live, took => Assert.InRange(took, TimeSpan.Zero, LongestToLive));
        Assert.InRange(siloLoaded - siloBefore, long.MinValue, MaxGrowth);
        Assert.InRange(gatewayLoaded - gatewayBefore, long.MinValue, MaxGrowth);
        await seen.AssertAsync(await objects.Work.HeadAsync());
        Assert.Equal(0, await objects.AssertNothingWasLostAsync(fleet.Api));
    }

    /// <summary>The token that there was; from now on there is another one beside it, which is the fleet's.</summary>
    private async Task<string> SecondTokenAsync()
    {
        var first = fleet.Silo.Token;
        Assert.Equal(0, await fleet.Silo.StopAsync());
        await File.WriteAllLinesAsync(Path.Combine(fleet.Silo.DataDirectory, "admin-token"), ["gog_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), first], Stop);
        await fleet.Silo.StartAsync();
        return first;
    }

    private async Task<CountedObjects> RegisterAsync()
    {
        var space = await fleet.NewNamespaceAsync("overload");
        var objects = new CountedObjects(fleet.Kube, await fleet.Git.CreateRepositoryAsync(space), space, Objects);
        await objects.RegisterAsync(fleet.Api);
        await objects.WatchAsync();
        return objects;
    }

    /// <summary>From a push to the last object of it, as the cluster has it. Nobody tells the silo: it looks at Git by itself.</summary>
    private static async Task<TimeSpan> LiveAsync(CountedObjects objects)
    {
        await objects.PublishAsync();
        var pushed = Stopwatch.GetTimestamp();
        await Eventually.GetAsync(objects.WrittenAsync, written => written == Objects, "the commit in the cluster", LongestToLive);
        return Stopwatch.GetElapsedTime(pushed);
    }

    private static async Task AssertServedAgainAsync(GatewayProcess gateway, string token, string[] paths)
    {
        using var http = new HttpClient { BaseAddress = gateway.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        foreach (var path in paths)
        {
            var asked = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync($"api/v1/{path}", Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, AtOnce);
        }
    }

    /// <summary>Some are answered as usual, the others are refused with a reason and a time to come back, and nothing else happens.</summary>
    private static void AssertClear(RequestFlood flood, int usual)
    {
        Assert.Contains(flood.Answers.Keys, outcome => outcome.Status == usual);
        Assert.All(flood.Answers.Keys, outcome => Assert.True(outcome.Status == usual || outcome.Status == TooMany, $"{outcome}"));
        foreach (var (outcome, tally) in flood.Answers)
        {
            Assert.InRange(tally.Longest, TimeSpan.Zero, LongestAnswer);
            if (outcome.Status != TooMany) continue;
            Assert.Equal(("5", "Too many requests"), (outcome.RetryAfter, outcome.Problem));
            Assert.InRange(tally.Mean, TimeSpan.Zero, AtOnce);
        }
    }
}
