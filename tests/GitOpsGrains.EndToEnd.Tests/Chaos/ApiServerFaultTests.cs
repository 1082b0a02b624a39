using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>The API server dies in the middle of a sync, comes back with an older store, or shows another certificate.</summary>
public sealed class ApiServerFaultTests(ApiServerFaultTests.Fleet fleet) : IClassFixture<ApiServerFaultTests.Fleet>
{
    private const int Many = 300;

    // In the background: no controllers run here, which would have to delete in the foreground.
    private const string Policy = "{automated: true, prune: {enabled: true, propagation: background}, selfHeal: true}";

    /// <summary>A session asks again after at most 10 s; its watches go on as soon as it has an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task KilledInMidSync_StartedAgain_TheSyncEndsAndWritesNothingTwice()
    {
        var work = await BeginAsync("killed");
        var space = SpaceOf(work);
        var commit = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "2"));
        await fleet.Api.StartAsync(ApplicationOf(work), "refresh");
        await Eventually.TrueAsync(async () => (await fleet.Kube.ConfigMapsAsync(space)).Values.Count(live => live.Value() == "2") > 10, "a sync that has begun", Patience);
        await fleet.Server.StopAsync();
        await Eventually.TrueAsync(async () => (await fleet.Api.ClusterAsync(FleetFixture.Cluster)).Status!.State == "ClusterUnreachable", "a cluster that says that it is away", Patience);
        await fleet.Server.StartAsync();
        var began = TimeProvider.System.GetTimestamp();

        await fleet.Api.WaitSyncedAsync(ApplicationOf(work), commit, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine($"synced {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after the server was ready again");
        Assert.All((await fleet.Kube.ConfigMapsAsync(space)).Values, live => Assert.Equal("2", live.Value()));
        await HasSucceededAsync(work, commit);
        await AssertWritesAsync(space, 2);
    }

    [Fact]
    public async Task RestoredFromAnOlderStore_WhatWentBackIsHealedAndWhatWasPrunedGoesAgain()
    {
        var work = await BeginAsync("restored");
        var space = SpaceOf(work);
        await work.WriteAsync("app/gone.yaml", Manifests.ConfigMap("gone", "1"));
        await SyncAsync(work, await work.PublishAsync("app/kept.yaml", Manifests.ConfigMap("kept", "1")));
        var saved = await fleet.Server.SaveStoreAsync();
        await work.DeleteAsync("app/gone.yaml");
        await work.WriteAsync("app/many.yaml", Manifests.ConfigMaps(Many, "2"));
        var commit = await work.PublishAsync("app/new.yaml", Manifests.ConfigMap("new", "1"));
        await SyncAsync(work, commit);
        Assert.Null(await fleet.Kube.ValueAsync(space, "gone"));
        var uid = await fleet.Kube.UidAsync(space, "kept");

        await fleet.Server.RestoreStoreAsync(saved);
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(async () =>
        {
            var live = await fleet.Kube.ConfigMapsAsync(space);
            return live.Count == Many + 2 && live.ContainsKey("new") && !live.ContainsKey("gone") && live.Where(item => item.Key.StartsWith("item-", StringComparison.Ordinal)).All(item => item.Value.Value() == "2");
        }, "a cluster that equals Git again", Patience / 2);
        TestContext.Current.TestOutputHelper?.WriteLine($"healed {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after the server was ready again");
        await fleet.Api.WaitSyncedAsync(ApplicationOf(work), commit, Patience);
        Assert.Equal(uid, await fleet.Kube.UidAsync(space, "kept"));
        await AssertWritesAsync(space, 2);
    }

    [Fact]
    public async Task NewCertificateByTheSameAuthority_GoesOn()
    {
        var work = await BeginAsync("renewed");
        await fleet.Server.RenewCertificateAsync(otherAuthority: false);

        await SyncAsync(work, await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "2")));
        await AssertWritesAsync(SpaceOf(work), 2);
    }

    [Fact]
    public async Task NewAuthority_IsNotTrustedUntilTheKubeconfigHoldsIt()
    {
        var work = await BeginAsync("authority");
        var space = SpaceOf(work);
        await fleet.Server.RenewCertificateAsync(otherAuthority: true);
        var commit = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "2"));

        var status = await Eventually.GetAsync(
            async () => (await fleet.Api.ClusterAsync(FleetFixture.Cluster)).Status!, now => now.State == "ClusterUntrusted", "a cluster that is not trusted", Patience);
        Assert.StartsWith("TLS: ", status.Message, StringComparison.Ordinal);
        await fleet.Api.StartAsync(ApplicationOf(work), "refresh");
        await Eventually.TrueAsync(async () => (await fleet.Api.ApplicationAsync(ApplicationOf(work))).Status is { Sync: "Unknown", Conditions: [{ Type: "ClusterUntrusted" }, ..] }, "an application that says so", Patience);
        await AssertWritesAsync(space, 1);

        fleet.TrustAuthority();
        await fleet.Api.WaitSyncedAsync(ApplicationOf(work), commit, Patience);
        await AssertWritesAsync(space, 2);
    }

    /// <summary>An application of many objects, synced at their first value.</summary>
    private async Task<GitWorkspace> BeginAsync(string prefix)
    {
        var work = await fleet.NewRepositoryAsync(prefix);
        var commit = await work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, "1"));
        await fleet.Api.ApplyAsync(Manifests.Application(SpaceOf(work), SpaceOf(work), sync: Policy));
        await fleet.Api.WaitSyncedAsync(ApplicationOf(work), commit, Patience);
        return work;
    }

    private async Task SyncAsync(GitWorkspace work, string commit)
    {
        await fleet.Api.SyncedAfterRefreshAsync(ApplicationOf(work), commit, Patience);
        await HasSucceededAsync(work, commit);
    }

    private Task HasSucceededAsync(GitWorkspace work, string commit) => Eventually.TrueAsync(
        async () => (await fleet.Api.HistoryAsync(ApplicationOf(work))).Any(entry => entry.Result == "Succeeded" && entry.Revision == commit), "the commit in the history", Patience);

    private Task AssertWritesAsync(string space, int each) => StoredWrites.AssertAsync(fleet.Server, space, Many, each);

    private static string SpaceOf(GitWorkspace work) => Path.GetFileName(work.Folder);

    private static string ApplicationOf(GitWorkspace work) => $"default/{SpaceOf(work)}";

    public sealed class Fleet() : FleetFixture(new ApiServerOptions { OwnEtcd = true })
    {
        private string _authority = "";

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            if (!HasServer) return;
            // A file that stays as it is when the server's own changes.
            _authority = Path.Combine(Server.Folder, "trusted.crt");
            TrustAuthority();
            await Api.ApplyAsync(Manifests.Cluster(Cluster, Server.WriteKubeconfig(
                Path.Combine(Server.Folder, "trusting.yaml"), $"token: {Server.Token}", $"certificate-authority: {_authority}")));
        }

        public void TrustAuthority() => File.Copy(Server.CaFile, _authority, overwrite: true);
    }
}
