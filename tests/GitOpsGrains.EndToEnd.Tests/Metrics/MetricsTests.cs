using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Metrics;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.V1;
using Grpc.Core;

namespace GitOpsGrains.EndToEnd.Tests.Metrics;

/// <summary>What Prometheus reads of a running silo and a running gateway, and that the numbers are right.</summary>
public sealed partial class MetricsTests
{
    private const string Held = "gitopsgrains_prunes_held";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_counts_a_sync_a_repair_and_held_prunes_exactly()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var before = await fleet.SiloAsync();
        Assert.Equal((1d, 1d, 0d, 0d), (before["gitopsgrains_ready"], before["gitopsgrains_silos"], before.Sum("gitopsgrains_targets"), before.Sum("gitopsgrains_syncs_total")));
        Assert.Equal(0, before.Sum("gitopsgrains_renders_total"));
        string[] maps = [.. Enumerable.Range(0, 12).Select(index => $"item-{index:00}")];
        var (work, commit) = await fleet.NewRepositoryAsync("shop", maps);
        await fleet.Silo.Api.ApplyAsync(Application("shop"));
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", commit);

        var synced = await fleet.SiloAsync();
        Assert.Equal(1, synced["gitopsgrains_syncs_total{result=\"Succeeded\"}"]);
        Assert.Equal(1, synced.Sum("gitopsgrains_syncs_total"));
        Assert.Equal(1, synced["gitopsgrains_sync_duration_seconds_count"]);
        Assert.Equal(1, synced["gitopsgrains_targets{sync=\"Synced\"}"]);
        Assert.Equal(1, synced.Sum("gitopsgrains_targets"));
        Assert.Equal(1, synced["gitopsgrains_renders_total"]);
        Assert.Equal(1, synced["gitopsgrains_render_duration_seconds_count{outcome=\"Done\"}"]);
        Assert.Equal(1, synced["gitopsgrains_git_operation_duration_seconds_count{operation=\"FetchAsync\",outcome=\"Done\"}"]);
        Assert.True(synced["gitopsgrains_kubernetes_requests_total{method=\"PATCH\",answer=\"2xx\"}"] >= maps.Length);
        Assert.True(synced["gitopsgrains_storage_requests_total{store=\"state\",operation=\"write\"}"] > before["gitopsgrains_storage_requests_total{store=\"state\",operation=\"write\"}"]);
        Assert.Equal(0, synced.Sum("gitopsgrains_storage_failures_total"));
        Assert.Equal((0d, 0d), (synced["gitopsgrains_drift_heals_total"], synced[Held]));

        // Whatever came to a queue has left it.
        await Eventually.GetAsync(fleet.SiloAsync, seen => seen.Sum("gitopsgrains_queue_waiting") == 0, "empty queues");

        await fleet.Kube.PatchAsync("/api/v1/namespaces/shop/configmaps/item-00", """{"data":{"value":"2"}}""");
        await Eventually.GetAsync(fleet.SiloAsync, seen => seen["gitopsgrains_drift_heals_total"] == 1, "one repair");
        await work.PublishAsync("app/all.yaml", Manifests.ConfigMap("item-00", "1"));
        await Eventually.GetAsync(fleet.SiloAsync, seen => seen[Held] == 11, "eleven held prunes");
        Assert.Equal(1, (await fleet.SiloAsync())["gitopsgrains_drift_heals_total"]);

        await fleet.Silo.Api.DeleteApplicationAsync("default/shop", "keep");
        await Eventually.GetAsync(fleet.SiloAsync, seen => seen.Sum("gitopsgrains_targets") == 0 && seen[Held] == 0, "no target any more");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restarted_silo_renders_nothing_that_it_has_and_heals_all_the_same(bool killed)
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var (work, commit) = await SyncShopAsync(fleet);
        // The end of the first one is stored before the second begins.
        await fleet.Silo.Api.CommandAsync("default/shop", "sync");

        await (killed ? fleet.Silo.KillAsync() : fleet.Silo.StopAsync());
        await fleet.Kube.PatchAsync("/api/v1/namespaces/shop/configmaps/a", """{"data":{"value":"2"}}""");
        await fleet.Silo.StartAsync();
        await fleet.Kube.WaitValueAsync("shop", "a", "1");
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", commit);
        Assert.Equal(0, (await fleet.SiloAsync()).Sum("gitopsgrains_renders_total"));

        await fleet.Silo.Api.WaitSyncedAsync("default/shop", await work.PublishAsync("app/all.yaml", Manifests.ConfigMap("a", "3") + Manifests.ConfigMap("b", "1")));
        Assert.Equal("3", await fleet.Kube.ValueAsync("shop", "a"));
        Assert.Equal(1, (await fleet.SiloAsync())["gitopsgrains_renders_total"]);
    }

    [Fact]
    public async Task Restarted_silo_reads_the_manifests_of_what_is_in_sync_when_they_are_needed()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var (work, commit) = await SyncShopAsync(fleet);

        // Proofs are written behind: a silo that is killed may ask for some of them again, with the manifests.
        await RestartSyncedAsync(fleet, commit);
        Assert.Equal(0, await ReadsAsync());

        await fleet.Kube.DeleteAsync("/api/v1/namespaces/shop/configmaps/a");
        await fleet.Kube.WaitValueAsync("shop", "a", "1");
        await fleet.Kube.PatchAsync("/api/v1/namespaces/shop/configmaps/b", """{"data":{"value":"2"}}""");
        await fleet.Kube.WaitValueAsync("shop", "b", "1");
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", commit);
        // One set: its index and its chunk.
        Assert.Equal(2, await ReadsAsync());

        // What was made again and put back is as the seal says.
        await RestartSyncedAsync(fleet, commit);
        Assert.Equal(0, await ReadsAsync());
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", await work.PublishAsync("app/all.yaml", Manifests.ConfigMap("a", "1") + Manifests.ConfigMap("b", "3")));
        Assert.Equal("3", await fleet.Kube.ValueAsync("shop", "b"));

        async Task<double> ReadsAsync() => (await fleet.SiloAsync())["gitopsgrains_storage_requests_total{store=\"manifests\",operation=\"read\"}"];
    }

    [Fact]
    public async Task Restarted_silo_heals_what_runs_while_a_newer_commit_can_not_be_applied()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var (work, commit) = await SyncShopAsync(fleet);
        await RestartSyncedAsync(fleet, commit);

        await work.PublishAsync("app/unknown.yaml", "apiVersion: example.com/v1\nkind: Unknown\nmetadata:\n  name: u\n");
        await fleet.Silo.Api.StartAsync("default/shop", "refresh");
        await Eventually.GetAsync(() => fleet.Silo.Api.TextAsync("applications/default/shop"), text => text.Contains("KindUnknown", StringComparison.Ordinal), "a commit that can't be applied");
        await fleet.Kube.PatchAsync("/api/v1/namespaces/shop/configmaps/a", """{"data":{"value":"2"}}""");
        await fleet.Kube.WaitValueAsync("shop", "a", "1");
    }

    [Fact]
    public async Task Restarted_silo_shows_what_was_changed_while_it_was_down()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var (_, commit) = await SyncShopAsync(fleet, selfHeal: false);
        await RestartSyncedAsync(fleet, commit);
        Assert.True((await DiffAsync()).Equal);

        await fleet.Silo.StopAsync();
        await fleet.Kube.PatchAsync("/api/v1/namespaces/shop/configmaps/a", """{"data":{"value":"2"}}""");
        await fleet.Silo.StartAsync();

        var diff = await Eventually.GetAsync(DiffAsync, view => view.Targets is [{ Error: null }], "the target compared");
        var changed = Assert.Single(diff.Targets[0].Objects);
        Assert.Equal(("update", "a", null), (changed.Change, changed.Name, changed.Error));
        Assert.Contains("\n-  value: \"2\"\n+  value: \"1\"\n", changed.Diff, StringComparison.Ordinal);
        await fleet.Silo.Api.WaitAsync("default/shop", status => status.Sync == "OutOfSync", "the drift, told");
        Assert.Equal("2", await fleet.Kube.ValueAsync("shop", "a"));

        async Task<DiffView> DiffAsync() => JsonSerializer.Deserialize<DiffView>(await fleet.Silo.Api.TextAsync("applications/default/shop/diff"), DocumentJson.Rest)!;
    }

    private static async Task<(GitWorkspace Work, string Commit)> SyncShopAsync(MeasuredFleet fleet, bool selfHeal = true)
    {
        var (work, commit) = await fleet.NewRepositoryAsync("shop", "a", "b");
        await fleet.Silo.Api.ApplyAsync(Application("shop", selfHeal: selfHeal));
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", commit);
        return (work, commit);
    }

    /// <summary>Not killed: what is written behind is stored.</summary>
    private static async Task RestartSyncedAsync(MeasuredFleet fleet, string commit)
    {
        await fleet.Silo.StopAsync();
        await fleet.Silo.StartAsync();
        await fleet.Silo.Api.WaitSyncedAsync("default/shop", commit);
    }

    [Fact]
    public async Task Gateway_counts_requests_by_the_class_of_their_answer()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        var before = await fleet.GatewayAsync();
        Assert.Equal((1d, 1d), (before["gitopsgrains_ready"], before["gitopsgrains_gateway_silos"]));
        for (var index = 0; index < 3; index++) await fleet.Gateway.Api.TextAsync("applications");
        await Assert.ThrowsAsync<HttpRequestException>(() => fleet.Gateway.Api.TextAsync("applications/default/none"));
        using var http = new HttpClient { BaseAddress = fleet.Gateway.Url };
        using var refused = await http.PostAsync("webhooks/github", new StringContent("{}", Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var channel = new FleetChannel(fleet.Gateway.GrpcUrl, fleet.Silo.Token);
        await channel.Fleet.ListApplicationsAsync(new ListApplicationsRequest(), cancellationToken: Stop);
        await Assert.ThrowsAsync<RpcException>(() => channel.Fleet.GetApplicationAsync(new GetApplicationRequest { Project = "default", Name = "none" }, cancellationToken: Stop).ResponseAsync);

        var after = await Eventually.GetAsync(fleet.GatewayAsync, seen => seen.Sum("gitopsgrains_api_requests_total") == 7, "all seven requests");
        Assert.Equal(3, after[Requests("rest", "GET", "2xx")]);
        Assert.Equal(1, after[Requests("rest", "GET", "4xx")]);
        Assert.Equal(1, after[Requests("webhook", "POST", "4xx")]);
        Assert.Equal(1, after[Requests("grpc", "POST", "2xx")]);
        Assert.Equal(1, after[Requests("grpc", "POST", "4xx")]);
        Assert.Equal(1, after["gitopsgrains_webhooks_received_total{provider=\"github\",outcome=\"Refused\"}"]);
        Assert.Equal(4, after["gitopsgrains_api_duration_seconds_count{face=\"rest\"}"]);
        Assert.Equal(0, after["gitopsgrains_queue_waiting{queue=\"requests\"}"]);

        await fleet.Silo.StopAsync();
        await Eventually.GetAsync(fleet.GatewayAsync, seen => seen["gitopsgrains_ready"] == 0 && seen["gitopsgrains_gateway_silos"] == 0, "a gateway that says it has no silo");
    }

    [Fact]
    public async Task Series_stay_the_same_however_many_applications_there_are()
    {
        const int Applications = 30;
        await using var fleet = await MeasuredFleet.StartAsync();
        var (_, commit) = await fleet.NewRepositoryAsync("one", "a");
        await fleet.Silo.Api.ApplyAsync(Application("first", "one"));
        await fleet.Silo.Api.WaitSyncedAsync("default/first", commit);
        var before = await fleet.SiloAsync();
        await fleet.NewRepositoryAsync("two", "a");
        await fleet.Silo.Api.ApplyAsync(string.Concat(Enumerable.Range(0, Applications).Select(index => Application($"many-{index:00}", index % 2 == 0 ? "one" : "two"))));
        var after = await Eventually.GetAsync(fleet.SiloAsync, seen => seen.Sum("gitopsgrains_targets") == Applications + 1, "all targets");

        Assert.Equal(before.Series, after.Series);
        Assert.DoesNotContain(after.Series, series => series.Contains("many", StringComparison.Ordinal) || series.Contains(FleetFixture.Cluster, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_dashboard_and_alerts_name_what_both_programs_show()
    {
        await using var fleet = await MeasuredFleet.StartAsync();
        Scrape[] scrapes = [await fleet.SiloAsync(), await fleet.GatewayAsync()];
        var shown = scrapes.SelectMany(scrape => scrape.Families).Select(family => (family.Name, family.Type)).Distinct().Order();
        var page = await File.ReadAllTextAsync(Path.Combine(Built.Root, "docs", "metrics.md"), Stop);
        Assert.Equal(shown, Row().Matches(page).Select(row => (row.Groups[1].Value, row.Groups[2].Value)).Order());

        var (names, series) = (scrapes.SelectMany(scrape => scrape.QueryNames).ToHashSet(), scrapes.SelectMany(scrape => scrape.Series).ToHashSet());
        foreach (var (file, least) in new[] { ("dashboards/gitopsgrains.json", 25), ("kubernetes/components/monitoring/alerts.yaml", 12), ("kubernetes/chart/alerts.yaml", 12) })
        {
            // In JSON quotes are escaped.
            var text = (await File.ReadAllTextAsync(Path.Combine(Built.Root, "deploy", file), Stop)).Replace("\\\"", "\"", StringComparison.Ordinal);
            var asked = Query().Matches(text);
            Assert.Equal([], asked.Select(query => query.Groups["name"].Value).Where(name => !names.Contains(name)).Distinct());
            Assert.Equal([], asked.SelectMany(query => Unmatched(query, series)));
            Assert.True(asked.Select(query => query.Groups["name"].Value).Distinct().Count() >= least, $"few queries are found in {file}");
        }
    }

    /// <summary>Values of labels that a query asks for and no series has.</summary>
    private static IEnumerable<string> Unmatched(Match query, HashSet<string> series) =>
        from matcher in Matcher().Matches(query.Groups["matchers"].Value)
        where matcher.Groups["label"].Value != "namespace"
        from value in matcher.Groups["value"].Value.Split('|')
        let wanted = $"{matcher.Groups["label"].Value}=\"{value}\""
        where !series.Any(item => item.StartsWith(query.Groups["name"].Value + "{", StringComparison.Ordinal) && item.Contains(wanted, StringComparison.Ordinal))
        select $"{query.Groups["name"].Value}: {wanted}";

    [Theory]
    [InlineData("# HELP a A.\n# TYPE a counter\na 1\na 1\n", "twice")]
    [InlineData("# HELP a A.\n# TYPE a counter\na 1\n# HELP a A.\n# TYPE a counter\n", "twice")]
    [InlineData("# TYPE a counter\na 1\n", "no HELP")]
    [InlineData("# HELP a A.\n# TYPE a counter\nb 1\n", "does not belong")]
    [InlineData("# HELP a A.\n# TYPE a counter\na{b=1} 1\n", "can't be read")]
    [InlineData("# HELP a A.\n# TYPE a summary\n", "no type")]
    [InlineData("# HELP a A.\n# TYPE a counter\na 1", "no end")]
    public void Reader_OfWhatPrometheusWouldRefuse_Refuses(string text, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => Scrape.Parse(text)).Message, StringComparison.Ordinal);

    private static string Requests(string face, string method, string answer) => $"gitopsgrains_api_requests_total{{face=\"{face}\",method=\"{method}\",answer=\"{answer}\"}}";

    private static string Application(string name, string? repository = null, bool selfHeal = true) =>
        Manifests.Application(name, repository ?? name, space: name, sync: $"{{automated: true, prune: true, selfHeal: {(selfHeal ? "true" : "false")}, options: [CreateNamespace=true]}}");

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("""\b(?<name>(?:gitopsgrains|dotnet)_[a-z0-9_]+)(?:\{(?<matchers>[^}]*)\})?""")]
    private static partial Regex Query();

    [GeneratedRegex("(?<label>[a-z_]+)(?:=|!=|=~|!~)\"(?<value>[^\"]*)\"")]
    private static partial Regex Matcher();
}
