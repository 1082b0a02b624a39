using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>A silo that hangs in the middle of a sync, while another process goes on with a newer revision.</summary>
public sealed class StoppedSiloTests(StoppedSiloTests.Fleet fleet) : IClassFixture<StoppedSiloTests.Fleet>
{
    private const int Many = 500;

    // A silo is taken for dead only after the time for which its last look at the membership table holds.
    private static readonly TimeSpan BeforeAnybodyTakesOver = TimeSpan.FromSeconds(9);

    private ApiClient Kube => fleet.Kube;
    private FleetApi Api => fleet.Api;

    [Fact]
    public async Task A_silo_that_was_stopped_while_updating_overwrites_nothing_newer()
    {
        var (work, space, application) = await RegisterAsync("stop-update");
        await PublishAsync(work, "1");
        await Api.ApplyAsync(Manifests.Application(space, space));
        await Api.SyncedAfterRefreshAsync(application, await work.HeadAsync(), TimeSpan.FromSeconds(60));
        await using var history = await ConfigMapHistory.BeginAsync(Kube, space);

        await PublishAsync(work, "2");
        await Api.StartAsync(application, "refresh");
        await StopInTheMiddleAsync(space, live => live.Value() == "2");
        await TakeOverAsync(work, space, "3");

        await AssertNothingWentBackAsync(work, history, space, application, "3");
    }

    [Fact]
    public async Task A_silo_that_was_stopped_while_creating_overwrites_nothing_newer()
    {
        var (work, space, application) = await RegisterAsync("stop-create");
        await using var history = await ConfigMapHistory.BeginAsync(Kube, space);
        await PublishAsync(work, "1");
        await Api.ApplyAsync(Manifests.Application(space, space));
        await StopInTheMiddleAsync(space, _ => true);
        await Task.Delay(BeforeAnybodyTakesOver, TestContext.Current.CancellationToken);
        await TakeOverAsync(work, space, "2");

        await AssertNothingWentBackAsync(work, history, space, application, "2");
    }

    private async Task<(GitWorkspace Work, string Space, string Application)> RegisterAsync(string prefix)
    {
        var work = await fleet.NewRepositoryAsync(prefix);
        var space = Path.GetFileName(work.Folder);
        return (work, space, $"default/{space}");
    }

    private static Task<string> PublishAsync(GitWorkspace work, string value) => work.PublishAsync("app/many.yaml", Manifests.ConfigMaps(Many, value));

    private async Task StopInTheMiddleAsync(string space, Predicate<JsonElement> isWritten)
    {
        await Eventually.TrueAsync(async () => (await Kube.ConfigMapsAsync(space)).Values.Count(live => isWritten(live)) > 20, "a sync that has begun");
        fleet.Silo.Pause();
        Assert.InRange((await Kube.ConfigMapsAsync(space)).Values.Count(live => isWritten(live)), 20, Many - 20);
    }

    /// <summary>The newer revision, pushed and applied by another process; then the silo wakes up again.</summary>
    private async Task TakeOverAsync(GitWorkspace work, string space, string value)
    {
        try
        {
            await PublishAsync(work, value);
            await OtherProcess.ApplyAsync(Kube, Manifests.ConfigMaps(Many, value), space, new TrackingOwner(fleet.Silo.Installation, "default", space));
        }
        finally
        {
            fleet.Silo.Resume();
        }
    }

    private async Task AssertNothingWentBackAsync(GitWorkspace work, ConfigMapHistory history, string space, string application, string value)
    {
        await Api.WaitSyncedAsync(application, await work.HeadAsync(), TimeSpan.FromSeconds(60));
        var now = await Kube.ConfigMapsAsync(space);
        Assert.Equal(Many, now.Count);
        Assert.All(now.Values, live => Assert.Equal(value, live.Value()));
        var values = await history.EndAsync();
        Assert.Equal(Many, values.Count);
        Assert.All(values, item => Assert.Equal(item.Value.Order(), item.Value));
    }

    public sealed class Fleet : FleetFixture;
}
