using System.Net;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A shared storage answers slowly, then not at all or with errors, then as ever. The one silo is never started anew.</summary>
public sealed class SlowStorageTests : ServersFixture
{
    private const int Many = 200;

    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>A storage counts as lost after 20 s; an idle silo asks it after 30 s.</summary>
    private static readonly TimeSpan UnreadyWithin = TimeSpan.FromSeconds(75);

    private readonly List<TcpRelay> _open = [];

    [Fact]
    public Task Redis_Gone_ReadinessTellsTheTruth() => PlayOnRedisAsync(TimeSpan.Zero);

    [Fact(Explicit = true)]
    public Task Redis_SlowThenGone_SyncsAndReadinessTellsTheTruth() => PlayOnRedisAsync(Slowness);

    [Theory(Explicit = true)]
    [InlineData("HTTP/1.1 503 Server Busy", "x-ms-error-code: ServerBusy")]
    [InlineData("HTTP/1.1 500 Internal Server Error", "x-ms-error-code: InternalError")]
    public async Task Azure_SlowThenFailing_SyncsAndReadinessTellsTheTruth(string status, string header)
    {
        using var azurite = await Azurite.StartAsync();
        TcpRelay[] relays = [RelayTo(azurite.BlobPort), RelayTo(azurite.TablePort)];
        var connection = azurite.ConnectionString.Replace($":{azurite.BlobPort}/", $":{relays[0].Port}/", StringComparison.Ordinal).Replace($":{azurite.TablePort}/", $":{relays[1].Port}/", StringComparison.Ordinal);
        var answer = System.Text.Encoding.ASCII.GetBytes($"{status}\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await PlayAsync(Azurite.SettingsOf(connection),
            Slowness, delay => Array.ForEach(relays, relay => relay.Delay = delay),
            () => Array.ForEach(relays, relay => relay.AnswerAll(answer)),
            () => Array.ForEach(relays, relay => relay.AnswerAll(null)));
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var relay in _open) relay.Dispose();
        await base.DisposeAsync();
    }

    private async Task PlayOnRedisAsync(TimeSpan slowness)
    {
        using var redis = await RedisServer.StartAsync();
        var relay = RelayTo(redis.Port);
        await PlayAsync(RedisServer.SettingsOf(redis.ConnectionString.Replace($":{redis.Port},", $":{relay.Port},", StringComparison.Ordinal)),
            slowness, delay => relay.Delay = delay, relay.Cut, relay.Mend);
    }

    private async Task PlayAsync(IReadOnlyDictionary<string, string> storage, TimeSpan slowness, Action<TimeSpan> slow, Action lose, Action restore)
    {
        await using var group = new SiloGroup(storage);
        var silo = await group.StartAsync();
        var space = await NewNamespaceAsync("slow");
        var work = await Git.CreateRepositoryAsync(space);
        var application = $"default/{space}";
        var commits = new List<string> { await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "1")) };
        await silo.Api.ApplyAsync(Manifests.Cluster(Server)
            + Manifests.Repository(space, work.Url) + Manifests.Application(space, space));
        await silo.Api.WaitSyncedAsync(application, commits[0], Patience);

        slow(slowness);
        var began = TimeProvider.System.GetTimestamp();
        commits.Add(await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "2")));
        await silo.Api.WaitSyncedAsync(application, commits[1], Patience);
        Note($"synced in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s while each answer took {slowness.TotalSeconds:0} s more");
        Assert.Equal((HttpStatusCode.OK, "ok"), await AskAsync(silo, "readyz"));

        slow(TimeSpan.Zero);
        lose();
        began = TimeProvider.System.GetTimestamp();
        commits.Add(await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "3")));
        await Eventually.TrueAsync(async () => await AskAsync(silo, "readyz") is (HttpStatusCode.ServiceUnavailable, var said) && said.Contains("nothing was stored for", StringComparison.Ordinal),
            "a silo that says that it stores nothing", UnreadyWithin);
        Note($"unready {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after the loss");
        Assert.Equal((HttpStatusCode.OK, "ok"), await AskAsync(silo, "healthz"));

        restore();
        began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(silo.Api.IsReadyAsync, "a silo that is ready again", TimeSpan.FromSeconds(60));
        Note($"ready again {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after the return");
        await silo.Api.WaitSyncedAsync(application, commits[2], Patience);
        // The second may have been overtaken by the third while its end could not be stored.
        await Eventually.GetAsync(async () => string.Join(", ", (await silo.Api.HistoryAsync(application)).Select(entry => $"{entry.Result} {commits.IndexOf(entry.Revision) + 1}")),
            history => Enumerable.Range(1, commits.Count).All(number => history.Contains($" {number}", StringComparison.Ordinal)) && history.Contains($"Succeeded {commits.Count}", StringComparison.Ordinal),
            "all commits in the history", Patience);
        await StoredWrites.AssertAsync(Server, space, Many, commits.Count);
    }

    private TcpRelay RelayTo(int server)
    {
        var relay = TcpRelay.To(server);
        _open.Add(relay);
        return relay;
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(SiloProcess silo, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(silo.Url, path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static void Note(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
