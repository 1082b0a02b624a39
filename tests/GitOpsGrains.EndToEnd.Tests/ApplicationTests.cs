using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>What one can do with applications, through REST and the command line.</summary>
public sealed class ApplicationTests(ApplicationTests.Fleet fleet) : IClassFixture<ApplicationTests.Fleet>
{
    private ApiClient Kube => fleet.Kube;
    private FleetApi Api => fleet.Api;

    [Fact]
    public async Task A_definition_and_its_objects_come_in_one_commit()
    {
        var (work, space, application) = await NewAsync("crd");
        var group = $"{space}.example.com";
        await work.WriteAsync("app/a-widget.yaml", $"apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: first}}\nspec: {{size: 3}}\n");
        var commit = await work.PublishAsync("app/z-definition.yaml", Manifests.WidgetDefinition(group));
        await Api.ApplyAsync(Manifests.Application(space, space));

        await Api.WaitSyncedAsync(application, commit);
        var widget = await Kube.GetJsonAsync($"/apis/{group}/v1/namespaces/{space}/widgets/first");
        Assert.Equal(3, widget.GetProperty("spec").GetProperty("size").GetInt32());

        await Kube.PatchAsync($"/apis/{group}/v1/namespaces/{space}/widgets/first", """{"spec":{"size":4}}""");
        await Eventually.GetAsync(
            async () => (await Kube.GetJsonAsync($"/apis/{group}/v1/namespaces/{space}/widgets/first")).GetProperty("spec").GetProperty("size").GetInt32(),
            size => size == 3, "the widget as in Git");
    }

    [Theory]
    [InlineData("alpha", "beta")]
    [InlineData("beta", "alpha")]
    public async Task An_object_that_moves_to_another_application_in_one_commit_keeps_its_uid(string from, string to)
    {
        var (work, space, _) = await NewAsync("move");
        await work.WriteAsync($"{from}/moved.yaml", Manifests.ConfigMap("moved", "1"));
        foreach (var name in new[] { "alpha", "beta" }) await work.WriteAsync($"{name}/own.yaml", Manifests.ConfigMap($"own-{name}", "1"));
        var commit = await work.CommitAsync("Begin");
        await work.PushAsync();
        var (source, target) = ($"{space}-{from}", $"{space}-{to}");
        await Api.ApplyAsync(Manifests.Application(source, space, from) + Manifests.Application(target, space, to));
        await Api.WaitSyncedAsync($"default/{source}", commit);
        await Api.WaitSyncedAsync($"default/{target}", commit);
        var uid = await Kube.UidAsync(space, "moved");

        await work.MoveAsync($"{from}/moved.yaml", $"{to}/moved.yaml");
        commit = await work.CommitAsync("Move");
        await work.PushAsync();
        await Api.StartAsync($"default/{target}", "refresh");
        await Api.SyncedAfterRefreshAsync($"default/{source}", commit);
        await Api.WaitSyncedAsync($"default/{target}", commit);

        var moved = await Kube.GetJsonAsync(KubeExtensions.ConfigMapPath(space, "moved"));
        Assert.Equal(uid, moved.Metadata("uid"));
        Assert.StartsWith($"{fleet.Silo.Installation}/default/{target}:", moved.Mark("annotations", "gitopsgrains.io/target"), StringComparison.Ordinal);
        // The new owner repairs it, and its removal from there deletes it.
        await work.DeleteAsync($"{to}/moved.yaml");
        commit = await work.CommitAsync("Remove");
        await work.PushAsync();
        await Api.SyncedAfterRefreshAsync($"default/{target}", commit);
        await Kube.WaitValueAsync(space, "moved", null);
    }

    [Fact]
    public async Task Objects_of_a_deleted_application_live_on_without_a_trace_by_default()
    {
        var (work, space, application) = await NewAsync("keep");
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("kept", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space));
        await Api.WaitSyncedAsync(application, commit);
        var before = await Kube.GetJsonAsync(KubeExtensions.ConfigMapPath(space, "kept"));
        Assert.Equal("true", before.Mark("labels", "gitopsgrains.io/managed"));

        var said = await fleet.Ctl.SucceedAsync("delete", "application", space, "--wait");
        Assert.Contains("detached", said, StringComparison.Ordinal);

        var after = await Kube.GetJsonAsync(KubeExtensions.ConfigMapPath(space, "kept"));
        Assert.Equal((before.Metadata("uid"), "1"), (after.Metadata("uid"), after.Value()));
        Assert.Null(after.Mark("labels", "gitopsgrains.io/managed"));
        Assert.DoesNotContain("gitopsgrains", after.GetProperty("metadata").GetRawText(), StringComparison.Ordinal);
        Assert.Null(await Api.FindStatusAsync(application));
    }

    [Fact]
    public async Task Objects_of_a_deleted_application_go_where_the_document_says_so()
    {
        var (work, space, application) = await NewAsync("delete");
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1") + Manifests.ConfigMap("two", "1"));
        await Kube.ApplyAsync(KubeExtensions.ConfigMapPath(space, "other"), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"},"data":{"value":"mine"}}""");
        await Api.ApplyAsync(Manifests.Application(space, space, more: "deletionPolicy: delete"));
        await Api.WaitSyncedAsync(application, commit);

        var ended = await Api.DeleteApplicationAsync(application);

        Assert.Equal(OperationPhase.Succeeded, ended.Phase);
        Assert.Equal(["other"], (await Kube.ConfigMapsAsync(space)).Keys);
        Assert.Null(await Api.FindStatusAsync(application));
    }

    [Fact]
    public async Task A_cluster_that_leaves_the_destination_keeps_its_objects_and_can_be_deleted_then_only()
    {
        await using var second = await ApiServer.StartAsync();
        var (work, space, application) = await NewAsync("leave");
        await second.Client.CreateNamespaceAsync(space);
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await Api.ApplyAsync(
            Manifests.Cluster("second", second.WriteKubeconfig(Path.Combine(second.Folder, "kubeconfig.yaml")))
            + Manifests.Application(space, space, clusters: $"{FleetFixture.Cluster}, second"));
        await Api.WaitSyncedAsync(application, commit);
        Assert.Equal("1", await second.Client.ValueAsync(space, "one"));

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => Api.DeleteAsync("clusters/second"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("still has targets", refused.Message, StringComparison.Ordinal);

        await Api.ApplyAsync(Manifests.Application(space, space));
        await Eventually.GetAsync(() => Api.ClusterAsync("second"), seen => seen.Status.Targets == 0, "a cluster without targets");
        var left = await second.Client.GetJsonAsync(KubeExtensions.ConfigMapPath(space, "one"));
        Assert.Equal("1", left.Value());
        Assert.Null(left.Mark("labels", "gitopsgrains.io/managed"));
        Assert.Equal("true", (await Kube.GetJsonAsync(KubeExtensions.ConfigMapPath(space, "one"))).Mark("labels", "gitopsgrains.io/managed"));
        await Api.DeleteAsync("clusters/second");
        Assert.Equal(1, (await Api.ApplicationAsync(application)).Status.Targets.Total);
    }

    [Fact]
    public async Task A_second_silo_on_the_same_data_says_so_and_ends()
    {
        var result = await fleet.Silo.RunSecondAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(fleet.Silo.DataDirectory, result.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.True(await Api.IsReadyAsync());
    }

    [Fact]
    public async Task A_manual_application_waits_for_its_sync_and_says_what_it_would_do()
    {
        var (work, space, application) = await NewAsync("manual");
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space, sync: "{automated: false}"));
        await Api.WaitAsync(application, status => status is { Sync: "OutOfSync" } && status.Revision == commit, "OutOfSync at the commit");
        Assert.Null(await Kube.ValueAsync(space, "one"));

        var diff = await fleet.Ctl.RunAsync("app", "diff", space);
        Assert.True(diff.ExitCode == 1, diff.ToString());
        Assert.Contains($"+ {FleetFixture.Cluster} ConfigMap {space}/one (create)", diff.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await fleet.Ctl.RunAsync("app", "wait", space, "--sync", "--timeout", "1s")).ExitCode);

        await fleet.Ctl.SucceedAsync("app", "sync", space, "--wait", "--timeout", "60s");
        Assert.Equal("1", await Kube.ValueAsync(space, "one"));
        await fleet.Ctl.SucceedAsync("app", "wait", space, "--timeout", "30s");
        Assert.Equal(0, (await fleet.Ctl.RunAsync("app", "diff", space)).ExitCode);

        await Kube.PatchAsync(KubeExtensions.ConfigMapPath(space, "one"), """{"data":{"value":"mine"}}""");
        await Api.WaitAsync(application, status => status.Sync == "OutOfSync", "reported drift");
        diff = await fleet.Ctl.RunAsync("app", "diff", space);
        Assert.True(diff.ExitCode == 1 && diff.Output.Contains("-  value: mine", StringComparison.Ordinal), diff.ToString());
        Assert.Equal("mine", await Kube.ValueAsync(space, "one"));
    }

    [Fact]
    public async Task A_suspended_application_is_left_alone_until_it_is_resumed()
    {
        var (work, space, application) = await NewAsync("suspend");
        await work.WriteAsync("other/config.yaml", Manifests.ConfigMap("control", "1"));
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        var control = $"{space}-control";
        await Api.ApplyAsync(Manifests.Application(space, space) + Manifests.Application(control, space, "other"));
        await Api.WaitSyncedAsync(application, commit);
        await fleet.Ctl.SucceedAsync("app", "suspend", space, "--wait");

        await Kube.PatchAsync(KubeExtensions.ConfigMapPath(space, "one"), """{"data":{"value":"mine"}}""");
        await work.WriteAsync("app/config.yaml", Manifests.ConfigMap("one", "2"));
        commit = await work.PublishAsync("other/config.yaml", Manifests.ConfigMap("control", "2"));
        await Api.SyncedAfterRefreshAsync($"default/{control}", commit);
        await Api.WaitAsync(application, status => status.Sync == "OutOfSync" && status.Revision == commit, "OutOfSync while suspended");
        Assert.Equal("mine", await Kube.ValueAsync(space, "one"));
        var refused = await fleet.Ctl.RunAsync("app", "sync", space);
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("suspended", StringComparison.Ordinal), refused.ToString());

        await fleet.Ctl.SucceedAsync("app", "resume", space, "--wait");
        await Api.WaitSyncedAsync(application, commit);
        Assert.Equal("2", await Kube.ValueAsync(space, "one"));
    }

    [Fact]
    public async Task The_history_says_who_changed_what_when_and_how_it_ended()
    {
        var (work, space, application) = await NewAsync("history");
        await work.WriteAsync("app/config.yaml", Manifests.ConfigMap("one", "1") + Manifests.ConfigMap("two", "1"));
        var first = await work.CommitAsync("Begin the history");
        await work.PushAsync();
        await Api.ApplyAsync(Manifests.Application(space, space));
        await Api.WaitSyncedAsync(application, first);
        await work.WriteAsync("app/config.yaml", Manifests.ConfigMap("one", "2"));
        var second = await work.CommitAsync("Change one, drop two");
        await work.PushAsync();
        await Api.SyncedAfterRefreshAsync(application, second);

        // Synced as soon as all is applied: the operation ends a moment later.
        var history = await Eventually.GetAsync(() => Api.HistoryAsync(application), entries => entries.Count == 2, "two operations in the history");
        Assert.Equal([second, first], history.Select(entry => entry.Revision));
        var newest = history[0];
        Assert.Equal(("Ada Example <ada@example.com>", "Change one, drop two", "Succeeded", FleetFixture.Cluster),
            (newest.Author, newest.Message.Trim(), newest.Result, newest.Cluster));
        Assert.Equal([$"/ConfigMap:{space}/one Configured", $"/ConfigMap:{space}/two Pruned"], newest.Objects.Select(item => $"{item.Object} {item.Action}").Order());
        Assert.InRange(newest.Finished!.Value - newest.Started, TimeSpan.Zero, TimeSpan.FromSeconds(30));

        var said = await fleet.Ctl.SucceedAsync("app", "history", space);
        Assert.Contains(second[..7], said, StringComparison.Ordinal);
        Assert.Contains("Succeeded", said, StringComparison.Ordinal);
        Assert.Contains("Ada Example", said, StringComparison.Ordinal);
        Assert.Contains("ConfigMap", await fleet.Ctl.SucceedAsync("app", "tree", space), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_watch_delivers_what_changes()
    {
        var (work, space, application) = await NewAsync("watch");
        var first = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await Api.ApplyAsync(Manifests.Application(space, space));
        await Api.WaitSyncedAsync(application, first);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var changes = Api.WatchAsync(late.Token).GetAsyncEnumerator(late.Token);
        // The first line is the cursor from which on nothing is missed.
        Assert.True(await changes.MoveNextAsync());
        Assert.Equal("bookmark", changes.Current.EventType);

        var second = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "2"));
        await Api.StartAsync(application, "refresh");
        var seen = new List<WatchEventView>();
        while (!seen.Any(change => change is { Kind: "Target", Sync: "Synced" } && change.Revision == second) && await changes.MoveNextAsync())
            if (changes.Current.Data.Name == space) seen.Add(changes.Current.Data);

        Assert.Contains(seen, change => change is { Kind: "Application", Sync: "OutOfSync" or "Unknown" } && change.Revision == second);
        Assert.Contains(seen, change => change is { Kind: "Application", Sync: "Synced" } && change.Revision == second);
        Assert.Equal(FleetFixture.Cluster, seen[^1].Cluster);
        Assert.All(seen, change => Assert.Equal(("default", false), (change.Project, change.Deleted)));

        await Api.DeleteApplicationAsync(application);
        while (await changes.MoveNextAsync() && !(changes.Current.Data is { Kind: "Application", Deleted: true } gone && gone.Name == space))
        {
        }
        Assert.Equal(space, changes.Current.Data.Name);
    }

    private async Task<(GitWorkspace Work, string Space, string Application)> NewAsync(string prefix)
    {
        var work = await fleet.NewRepositoryAsync(prefix);
        var space = Path.GetFileName(work.Folder);
        return (work, space, $"default/{space}");
    }

    public sealed class Fleet : FleetFixture;
}
