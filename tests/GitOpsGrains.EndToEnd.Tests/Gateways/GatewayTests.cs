using System.Diagnostics;
using GitOpsGrains.EndToEnd.Tests.Sources;
using GitOpsGrains.Gateway.Tests.Grpc;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.V1;
using Grpc.Core;
using Grpc.Health.V1;
using HealthClient = Grpc.Health.V1.Health.HealthClient;

namespace GitOpsGrains.EndToEnd.Tests.Gateways;

/// <summary>Gateways as processes of their own beside a silo: the same answers, and failures that lose nothing.</summary>
public sealed class GatewayTests(GatewayFleet fleet) : IClassFixture<GatewayFleet>
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rest_through_one_gateway_and_gRPC_through_another_give_the_same_answers()
    {
        await using var one = await fleet.NewGatewayAsync();
        await using var other = await fleet.NewGatewayAsync();
        using var channel = fleet.Channel(other);
        var grpc = channel.Fleet;
        var (space, first, second) = await SyncedAsync(one.Api);
        var (project, cluster, path) = ("default", FleetFixture.Cluster, $"applications/default/{space}");

        SameAnswer.Assert(await one.Api.TextAsync(path), await grpc.GetApplicationAsync(new GetApplicationRequest { Project = project, Name = space }, cancellationToken: Stop), "observedAt");
        SameAnswer.Assert(await one.Api.TextAsync($"applications?q={space}"), await grpc.ListApplicationsAsync(new ListApplicationsRequest { Q = space }, cancellationToken: Stop), "observedAt");
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/targets"), await grpc.ListTargetsAsync(new ListTargetsRequest { Project = project, Name = space }, cancellationToken: Stop), "observedAt");
        var target = await grpc.GetTargetAsync(new GetTargetRequest { Project = project, Name = space, Cluster = cluster }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/targets/{cluster}"), target, "observedAt");
        Assert.Equal((V1.SyncStatus.Synced, 2, second), (target.Sync, target.Objects.Count, target.Revision));
        var diff = await grpc.GetDiffAsync(new GetDiffRequest { Project = project, Name = space, Revision = first }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/diff?revision={first}"), diff);
        Assert.Contains(diff.Targets[0].Objects, change => change is { Change: "create", Name: "three" });
        var history = await grpc.ListHistoryAsync(new ListHistoryRequest { Project = project, Name = space }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/history"), history);
        Assert.Equal([second, first], history.Items.Select(entry => entry.Revision));
        var tombstones = await grpc.ListTombstonesAsync(new ListTombstonesRequest { Project = project, Name = space }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/tombstones"), tombstones);
        Assert.Equal($"/ConfigMap:{space}/three", Assert.Single(tombstones.Items).Object);
        var blame = await grpc.ListBlameAsync(new ListBlameRequest { Project = project, Name = space, Limit = 1 }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/blame?limit=1"), blame);
        Assert.Equal((1, 2), (blame.Items.Count, blame.Total));
        var manifests = await grpc.GetManifestsAsync(new GetManifestsRequest { Project = project, Name = space, Revision = first }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/manifests?revision={first}"), manifests);
        Assert.Equal((first, 3), (manifests.Revision, manifests.Total));
        Assert.Contains("\nkind: ConfigMap\n", await fleet.Ctl.SucceedAsync("app", "manifests", space), StringComparison.Ordinal);
        var events = await grpc.ListEventsAsync(new ListEventsRequest { Project = project, Name = space, Cluster = cluster }, cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync($"{path}/events?cluster={cluster}"), events);
        Assert.Contains("\"items\": []", await fleet.Ctl.SucceedAsync("app", "events", space, "-o", "json"), StringComparison.Ordinal);
        SameAnswer.Assert(await one.Api.TextAsync($"clusters/{cluster}"), await grpc.GetClusterAsync(new GetClusterRequest { Name = cluster }, cancellationToken: Stop), "observedAt", "objects");
        SameAnswer.Assert(await one.Api.TextAsync($"repositories/{space}"), await grpc.GetRepositoryAsync(new GetRepositoryRequest { Name = space }, cancellationToken: Stop), "lastPoll");
        var refresh = await grpc.RefreshApplicationAsync(new RefreshApplicationRequest { Project = project, Name = space }, cancellationToken: Stop);
        await Eventually.TrueAsync(async () => (await grpc.GetOperationAsync(new GetOperationRequest { Id = refresh.Id }, cancellationToken: Stop)).Phase == V1.OperationPhase.Succeeded, "the end of the refresh");
        SameAnswer.Assert(await one.Api.TextAsync($"operations/{refresh.Id}"), await grpc.GetOperationAsync(new GetOperationRequest { Id = refresh.Id }, cancellationToken: Stop));
        var silos = await grpc.ListSilosAsync(new ListSilosRequest(), cancellationToken: Stop);
        SameAnswer.Assert(await one.Api.TextAsync("silos"), silos, "activations", "grains");
        Assert.Equal([cluster], Assert.Single(silos.Items).Clusters);
        Assert.True(silos.Items[0].Grains["TargetGrain"] >= 1, silos.ToString());
        Assert.Contains(silos.Items[0].Name, await fleet.Ctl.SucceedAsync("get", "silos"), StringComparison.Ordinal);
    }

    /// <summary>As gitopsctl asks: that is longer than a gateway waits for a silo's answer otherwise.</summary>
    [Fact]
    public async Task An_operation_is_waited_for_as_long_as_was_asked()
    {
        await using var gateway = await fleet.NewGatewayAsync();
        using var channel = fleet.Channel(gateway);
        var (space, _, _) = await SyncedAsync(gateway.Api);
        fleet.Git.Misbehave(GitServerFault.Hang, space);
        var refresh = await channel.Fleet.RefreshApplicationAsync(new RefreshApplicationRequest { Project = "default", Name = space }, cancellationToken: Stop);

        var asked = Stopwatch.GetTimestamp();
        var answer = await GetAsync(gateway, $"api/v1/operations/{refresh.Id}?wait=20s", fleet.Silo.Token);
        var took = Stopwatch.GetElapsedTime(asked);
        fleet.Git.Misbehave(GitServerFault.None, space);

        Assert.Equal(200, (int)answer.Status);
        Assert.Contains("\"phase\":\"Running\"", answer.Body, StringComparison.Ordinal);
        Assert.InRange(took, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task A_killed_gateway_is_gone_on_from_at_another_without_a_missed_event()
    {
        await using var one = await fleet.NewGatewayAsync();
        await using var other = await fleet.NewGatewayAsync();
        using var first = fleet.Channel(one);
        using var second = fleet.Channel(other);
        using var all = second.Fleet.Watch(new WatchRequest(), cancellationToken: Stop);
        Assert.True(await all.ResponseStream.MoveNext(Stop));
        using var watch = first.Fleet.Watch(new WatchRequest { After = all.ResponseStream.Current.Sequence }, cancellationToken: Stop);
        var names = Enumerable.Range(0, 6).Select(index => $"w{index}-{Guid.NewGuid():N}"[..10]).ToArray();
        await ApplyAsync(other, names[..3]);
        var seen = await ReadUntilAsync(watch, names[..3]);

        await one.KillAsync();
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(Stop))
            {
            }
        });
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        await ApplyAsync(other, names[3..]);
        using var again = second.Fleet.Watch(new WatchRequest { After = seen[^1].Sequence }, cancellationToken: Stop);
        seen.AddRange(await ReadUntilAsync(again, names[3..]));

        // Neither missed nor told twice.
        Assert.Equal((await ReadUntilAsync(all, names)).Select(item => item.Sequence), seen.Select(item => item.Sequence));
        Assert.Equal(200, (int)(await GetAsync(other, "readyz")).Status);
    }

    [Fact]
    public async Task A_killed_silo_is_told_at_once_and_found_again()
    {
        await using var gateway = await fleet.NewGatewayAsync();
        using var channel = fleet.Channel(gateway);
        using var watch = channel.Fleet.Watch(new WatchRequest(), cancellationToken: Stop);
        Assert.True(await watch.ResponseStream.MoveNext(Stop));
        var sequence = watch.ResponseStream.Current.Sequence;
        await using var stream = gateway.Api.WatchAsync(Stop).GetAsyncEnumerator(Stop);
        Assert.True(await stream.MoveNextAsync());

        await fleet.Silo.KillAsync();
        // What waits for the silo ends with it, not with a time-out.
        var lost = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(Stop).WaitAsync(Quickly, Stop));
        Assert.Equal((StatusCode.Unavailable, "no silo answers; the gateway goes on trying to reach one"), (lost.StatusCode, lost.Status.Detail));
        Assert.False(await stream.MoveNextAsync().AsTask().WaitAsync(Quickly, Stop));
        for (var ask = 0; ask < 3; ask++)
        {
            var answer = await GetAsync(gateway, "api/v1/applications").WaitAsync(Quickly, Stop);
            Assert.Equal((503, "5"), ((int)answer.Status, answer.RetryAfter));
            Assert.Contains("no silo answers; the gateway goes on trying to reach one", answer.Body, StringComparison.Ordinal);
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await channel.Fleet.ListProjectsAsync(new ListProjectsRequest(), cancellationToken: Stop).ResponseAsync.WaitAsync(Quickly, Stop));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        }
        Assert.Equal((503, "no silo answers"), ((int)(await GetAsync(gateway, "readyz")).Status, (await GetAsync(gateway, "readyz")).Body));
        Assert.Equal(200, (int)(await GetAsync(gateway, "healthz")).Status);
        var health = await new HealthClient(channel.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Stop);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, health.Status);

        await fleet.Silo.StartAsync();
        await gateway.ReadyAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("default", (await channel.Fleet.GetProjectAsync(new GetProjectRequest { Name = "default" }, cancellationToken: Stop)).Metadata.Name);
        // Cursors of the silo that died mean nothing to the one that lives.
        using var stale = channel.Fleet.Watch(new WatchRequest { After = sequence }, cancellationToken: Stop);
        Assert.Equal(StatusCode.OutOfRange, (await Assert.ThrowsAsync<RpcException>(() => stale.ResponseStream.MoveNext(Stop))).StatusCode);
    }

    [Fact]
    public async Task A_gateway_that_starts_before_its_silo_says_so_and_goes_on_when_it_comes()
    {
        var settings = new Dictionary<string, string> { ["Silo__GatewayPort"] = "0" };
        await using var silo = await SiloProcess.StartNewAsync(settings);
        var token = silo.Token;
        await silo.StopAsync();
        var port = Testing.Kubernetes.FreePort.Next();
        await using var gateway = await GatewayProcess.StartNewAsync(port, () => token);
        Assert.Equal(503, (int)(await GetAsync(gateway, "readyz")).Status);
        Assert.Equal(503, (int)(await GetAsync(gateway, "api/v1/applications").WaitAsync(Quickly, Stop)).Status);
        using var channel = new FleetChannel(gateway.GrpcUrl, token);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await channel.Fleet.ListProjectsAsync(new ListProjectsRequest(), cancellationToken: Stop).ResponseAsync.WaitAsync(Quickly, Stop));
        Assert.Equal((StatusCode.Unavailable, "no silo answers; the gateway goes on trying to reach one"), (refused.StatusCode, refused.Status.Detail));

        silo.Set("Silo__GatewayPort", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await silo.StartAsync();
        await gateway.ReadyAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("default", (await channel.Fleet.GetProjectAsync(new GetProjectRequest { Name = "default" }, cancellationToken: Stop)).Metadata.Name);
        Assert.Equal(0, await gateway.StopAsync());
    }

    [Fact]
    public async Task A_gateway_whose_address_is_taken_ends_with_one_sentence()
    {
        await using var gateway = await GatewayProcess.StartNewAsync(fleet.SiloPort, () => fleet.Silo.Token);
        var second = await gateway.RunSecondAsync();
        Assert.Equal((1, $"error: {gateway.Url} is in use by another process; set another address with GITOPSGRAINS__Http__Url", ""), (second.ExitCode, second.Error.Trim(), second.Output.Trim()));
        await using var rest = await GatewayProcess.StartNewAsync(fleet.SiloPort, () => fleet.Silo.Token);
        rest.Set("Grpc__Url", gateway.GrpcUrl.OriginalString);
        await rest.StopAsync();
        var third = await rest.RunSecondAsync();
        Assert.Equal((1, $"error: {gateway.GrpcUrl} is in use by another process; set another address with GITOPSGRAINS__Grpc__Url"), (third.ExitCode, third.Error.Trim()));
    }

    [Theory]
    [InlineData("Gateway:Silos is for Storage:Kind=Embedded; with Redis silos are found in their storage", "Storage__Kind=Redis", "Storage__Redis__ConnectionString=127.0.0.1:1", "Gateway__Silos=127.0.0.1:30000")]
    [InlineData("Storage:Redis: give ConnectionString or ConnectionStringFile", "Storage__Kind=Redis")]
    [InlineData("Storage:Kind: 'Disk' is not one of Embedded, AzureStorage, Redis", "Storage__Kind=Disk")]
    [InlineData("Cluster:ServiceId and Cluster:Id are at most 40 lower-case letters, digits and single hyphens", "Cluster__Id=Two Words")]
    public async Task A_gateway_whose_silos_can_not_be_found_as_it_is_told_ends_with_one_sentence(string fault, params string[] settings)
    {
        var end = await GatewayProcess.RunAsync(settings.Select(setting => setting.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]));
        Assert.Equal((2, $"error: {fault}"), (end.ExitCode, end.Error.Trim()));
    }

    [Theory]
    [InlineData("Gateway__Silos", "nonsense", "Gateway:Silos: 'nonsense' is not host:port")]
    [InlineData("Gateway__Silos", "a:0", "Gateway:Silos: 'a:0' is not host:port")]
    [InlineData("Gateway__Silos", ",", "Gateway:Silos: names no silo; give host:port of at least one")]
    [InlineData("Grpc__Url", "ftp://x", "Grpc:Url: 'ftp://x' is not an http address")]
    public async Task A_gateway_with_a_wrong_setting_ends_with_one_sentence(string setting, string value, string fault)
    {
        var end = await GatewayProcess.RunAsync(new Dictionary<string, string> { [setting] = value });
        Assert.Equal((2, $"error: {fault}"), (end.ExitCode, end.Error.Trim()));
    }

    [Fact]
    public async Task A_webhook_signed_with_a_stored_secret_of_the_silos_is_believed_by_the_gateway()
    {
        await using var gateway = await fleet.NewGatewayAsync();
        using var channel = fleet.Channel(gateway);
        var work = await fleet.NewRepositoryAsync("hook");
        var space = Path.GetFileName(work.Folder);
        await channel.Fleet.PutCredentialAsync(new PutCredentialRequest { Name = space, UrlPrefix = work.Url, Webhook = "name:stored-secret" }, cancellationToken: Stop);
        await gateway.Api.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: {{space}}}
            spec: {url: "{{work.Url}}", poll: {interval: 24h}, webhook: {secretFrom: {stored: {{space}}} } }
            """);
        await work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "1"));
        await gateway.Api.ApplyAsync(Manifests.Application(space, space));
        await gateway.Api.WaitAsync($"default/{space}", status => status.Sync == "Synced", "the first sync");
        var commit = await work.PublishAsync("app/one.yaml", Manifests.ConfigMap("one", "2"));

        using var sender = new WebhookSender(gateway.Url, TimeProvider.System);
        Assert.Equal(401, (await sender.PushAsync("github", work.Url, "another:secret", own: space)).Status);
        Assert.Equal(202, (await sender.PushAsync("github", work.Url, "name:stored-secret", own: space)).Status);
        await gateway.Api.WaitSyncedAsync($"default/{space}", commit);
        Assert.DoesNotContain("stored-secret", gateway.Log, StringComparison.Ordinal);
    }

    private static async Task<(System.Net.HttpStatusCode Status, string Body, string? RetryAfter)> GetAsync(GatewayProcess gateway, string path, string token = "any")
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var answer = await http.GetAsync(new Uri(gateway.Url, path), Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop), answer.Headers.RetryAfter?.ToString());
    }

    private static async Task ApplyAsync(GatewayProcess gateway, IEnumerable<string> names) =>
        await gateway.Api.ApplyAsync(string.Concat(names.Select(name => Manifests.Application(name, "nowhere"))));

    /// <summary>What comes until each of these applications has changed, the last of that included; bookmarks are left out.</summary>
    private static async Task<List<WatchResponse>> ReadUntilAsync(AsyncServerStreamingCall<WatchResponse> watch, IEnumerable<string> names)
    {
        var (seen, open) = (new List<WatchResponse>(), names.ToHashSet());
        while (await watch.ResponseStream.MoveNext(Stop))
        {
            if (watch.ResponseStream.Current.Event is null) continue;
            seen.Add(watch.ResponseStream.Current);
            if (open.Remove(watch.ResponseStream.Current.Event.Name) && open.Count == 0) return seen;
        }
        throw new InvalidOperationException($"the stream ended before {string.Join(", ", open)}");
    }

    /// <summary>An application of two ConfigMaps that had a third one, which was pruned.</summary>
    private async Task<(string Space, string First, string Second)> SyncedAsync(FleetApi api)
    {
        var work = await fleet.NewRepositoryAsync("same");
        var space = Path.GetFileName(work.Folder);
        await work.WriteAsync("app/three.yaml", Manifests.ConfigMap("three", "3"));
        var first = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1") + Manifests.ConfigMap("two", "2"));
        await api.ApplyAsync(Manifests.Application(space, space));
        await api.WaitSyncedAsync($"default/{space}", first);
        await work.DeleteAsync("app/three.yaml");
        var second = await work.CommitAsync("Remove the third");
        await work.PushAsync();
        await api.SyncedAfterRefreshAsync($"default/{space}", second);
        await Eventually.TrueAsync(async () => (await api.HistoryAsync($"default/{space}")).Count == 2, "both syncs in the history");
        return (space, first, second);
    }
}
