using System.Diagnostics;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>What clients of a gateway are told, and how soon, when a silo dies or hangs.</summary>
public sealed class LostSiloTests : IAsyncLifetime
{
    private const int Applications = 12;

    /// <summary>Nothing is waited for longer than a call may take (15 s), until that is noticed (1 s), and 2 s for a busy machine.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(18);
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(40);
    private static readonly string[] Sentences =
    [
        "the silo that serves this does not answer, and another one will take over; what was asked for may still happen",
        "the silos have not answered in time; what was asked for may still happen",
    ];

    private StorageServer _storage = null!;
    private SiloGroup _group = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _storage = await StorageServer.RedisAsync();
        _group = new SiloGroup(_storage.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        _storage.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_of_two_silos_that_is_lost_costs_nobody_a_time_out_of_half_a_minute_and_is_never_a_500(bool hangs)
    {
        var first = await _group.StartAsync();
        var second = await _group.StartAsync();
        var gateway = await _group.StartGatewayAsync();
        await gateway.ReadyAsync();
        await first.Api.ApplyAsync(string.Concat(Enumerable.Range(0, Applications).Select(index => Manifests.Application($"app-{index}", "nowhere"))));
        await Eventually.TrueAsync(() => gateway.Log.Contains("Connected to the silos", StringComparison.Ordinal), "a connection");
        string[] paths = ["applications", "silos", .. Enumerable.Range(0, Applications).Select(index => $"applications/default/app-{index}")];
        await using var caller = SteadyCaller.Start(gateway.Url, first.Token, paths);
        await Eventually.TrueAsync(() => caller.SteadySince(0) is not null, "answers of both silos", TimeSpan.FromSeconds(30));

        var lost = Stopwatch.GetTimestamp();
        if (hangs) second.Pause();
        else await second.KillAsync();
        var steady = await Eventually.GetAsync(() => Task.FromResult(Stopwatch.GetElapsedTime(lost) > TimeSpan.FromSeconds(5) ? caller.SteadySince(lost) : null), since => since is not null, "answers by the other silo", Takeover);
        await caller.StopAsync();

        var after = caller.Answers.Where(answer => answer.At > lost).ToArray();
        var refused = after.Where(answer => answer.Status != 200).ToArray();
        var slowest = after.MaxBy(answer => answer.Took)!;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"steady {steady!.Value.TotalSeconds:0.0} s after; {refused.Length} of {after.Length} refused; slowest {slowest.Took.TotalSeconds:0.0} s ({slowest.Path}: {slowest.Status}); "
            + string.Join("; ", refused.GroupBy(answer => (answer.Status, answer.Body)).Select(group => $"{group.Count()} x {group.Key} up to {group.Max(answer => answer.Took.TotalSeconds):0.0} s")));
        Assert.All(refused, answer => Assert.Equal((503, "5"), (answer.Status, answer.RetryAfter)));
        Assert.All(refused, answer => Assert.Contains(Sentences, sentence => answer.Body.Contains(sentence, StringComparison.Ordinal)));
        Assert.InRange(slowest.Took, TimeSpan.Zero, Longest);
        Assert.True(await gateway.Api.IsReadyAsync());
        if (hangs) Assert.Contains("has not answered for 6 s while others do", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_silo_that_hangs_is_told_by_readiness_and_by_every_answer_until_it_goes_on()
    {
        var silo = await _group.StartAsync();
        var gateway = await _group.StartGatewayAsync();
        await gateway.ReadyAsync();
        Assert.NotEmpty(await gateway.Api.TextAsync("silos"));
        using var http = new HttpClient { BaseAddress = gateway.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", silo.Token);

        silo.Pause();
        var paused = Stopwatch.GetTimestamp();
        using (var waiting = await http.GetAsync("api/v1/applications", Stop)) Assert.Equal(503, (int)waiting.StatusCode);
        var told = Stopwatch.GetElapsedTime(paused);
        await Eventually.TrueAsync(async () => !await gateway.Api.IsReadyAsync(), "not ready", Longest);
        TestContext.Current.TestOutputHelper?.WriteLine($"a call that waited ended after {told.TotalSeconds:0.0} s, not ready after {Stopwatch.GetElapsedTime(paused).TotalSeconds:0.0} s");
        Assert.InRange(told, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        var asked = Stopwatch.GetTimestamp();
        using (var refused = await http.GetAsync("api/v1/applications", Stop))
        {
            Assert.Equal((503, "5"), ((int)refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
            Assert.Contains("no silo answers; the gateway goes on trying to reach one", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("no silo answers", await (await http.GetAsync("readyz", Stop)).Content.ReadAsStringAsync(Stop));
        Assert.True(await gateway.Api.IsAliveAsync());

        silo.Resume();
        await gateway.ReadyAsync(TimeSpan.FromSeconds(15));
        Assert.NotEmpty(await gateway.Api.TextAsync("silos"));
    }
}
