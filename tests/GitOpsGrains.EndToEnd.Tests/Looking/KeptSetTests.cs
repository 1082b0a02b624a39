using System.Net;
using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Simulation.Hosting;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>How long manifests can be looked at: those of the past as long as the store has them, those that are wanted always.</summary>
public sealed class KeptSetTests
{
    private const string App = "app";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Manifests_OfThePast_AreGoneWhenTheStoreHasThemNoMore()
    {
        await using var fleet = await SimulatedFleet.StartAsync();
        await using var git = await GitServer.StartAsync();
        await using var host = await InProcessHost.StartAsync();
        var scene = await Scene.CreateAsync(host, await SimulatedScenes.PlaceAsync(fleet, TestFolder.New("kept")), git);
        await scene.PutApplicationAsync(App);
        List<string> commits = [];
        for (var number = 0; number < 13; number++)
        {
            await scene.WriteConfigMapAsync("app/one.yaml", "one", $"'{number}'");
            commits.Add(await scene.PushAsync($"Number {number}", App));
            await scene.SyncedAsync(App, commits[^1]);
            await scene.HistoryAsync(App, commits[^1]);
        }
        var path = $"applications/default/{scene.Of(App)}/manifests";

        // The present one, and ten before it.
        for (var number = 2; number < 13; number++) Assert.Equal(number.ToString(System.Globalization.CultureInfo.InvariantCulture), await ValueAsync(commits[number]));
        await RefusedAsync(commits[1], $"the manifests of {commits[1]} are not kept: only those of the last 10 revisions that were synced wholly are");

        var store = host.Services.GetRequiredService<IManifestStore>();
        Assert.InRange(await store.RemoveUnrenewedAsync(TimeProvider.System.GetUtcNow().AddYears(1), Stop), 13, int.MaxValue);
        await RefusedAsync(commits[2], $"the manifests of {commits[2]} are not kept any more");
        Assert.Equal("12", await ValueAsync(""));

        async Task<string?> ValueAsync(string revision) =>
            Assert.Single((await scene.Rest.GetAsync<ManifestsView>($"{path}?revision={revision}")).Items).Manifest!.Value.GetProperty("data").GetProperty("key").GetString();

        async Task RefusedAsync(string revision, string detail)
        {
            var refused = await scene.Rest.TrySendAsync(HttpMethod.Get, $"{path}?revision={revision}");
            Assert.Equal((HttpStatusCode.Conflict, detail), (refused.Status, refused.Problem?.Detail));
        }
    }

    [Fact]
    public async Task Manifests_ThatAreWantedAndWereNeverStored_AreRenderedAgainAfterARestart()
    {
        await using var git = await GitServer.StartAsync();
        var work = await git.CreateRepositoryAsync("kept");
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "first"));
        await using var silo = await SiloProcess.StartNewAsync();
        // No cluster answers: nothing was ever synced, and nobody else needs the manifests.
        await silo.Api.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: kept}
            spec: {url: "{{work.Url}}"}
            ---
            apiVersion: gitopsgrains.io/v1
            kind: Cluster
            metadata: {name: nowhere}
            spec: {kubeconfig: {file: /nowhere/kubeconfig} }
            ---
            apiVersion: gitopsgrains.io/v1
            kind: Application
            metadata: {name: web}
            spec: {source: {repository: kept, ref: main, path: app}, destination: {clusters: [nowhere]} }
            """);
        var before = await Eventually.GetAsync(ReadAsync, seen => seen is not null, "the manifests");

        await silo.StopAsync();
        await silo.StartAsync();

        Assert.Equal((commit, "nowhere", "/ConfigMap:/one"), (before!.Revision, before.Cluster, Assert.Single(before.Items).Object));
        var after = await ReadAsync();
        Assert.Equal(before.Items[0].Manifest!.Value.GetRawText(), Assert.Single(after!.Items).Manifest!.Value.GetRawText());

        async Task<ManifestsView?> ReadAsync()
        {
            try
            {
                return JsonSerializer.Deserialize<ManifestsView>(await silo.Api.TextAsync("applications/default/web/manifests"), DocumentJson.Rest);
            }
            catch (HttpRequestException early) when (early.StatusCode == HttpStatusCode.Conflict)
            {
                return null;
            }
        }
    }
}
