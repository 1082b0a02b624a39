using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Grains.Targets;
using GitOpsGrains.Grains.Tests.Clusters;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>What is deleted to be made again, and what has to be true before.</summary>
public sealed class RemakingTests : IAsyncDisposable
{
    private static readonly TrackingOwner Owner = new("default", "shop", "web");
    private static readonly ApiResource Jobs = new("batch", "v1", "Job", "jobs", true, new HashSet<string>());

    private readonly FakeTimeProvider _time = new();
    private readonly ObjectConnection _cluster = new();

    [Fact]
    public async Task Delete_OfWhatIsOurs_WaitsUntilItIsGone()
    {
        _cluster.Reads.Enqueue(Live("u-1", deleting: true));
        _cluster.Reads.Enqueue(Live("u-1", deleting: true));
        _cluster.Reads.Enqueue(new ClusterError(ClusterErrorKind.NotFound, 404, "gone"));

        Assert.Null(await DeleteAsync());
        Assert.Equal(["try", "delete u-1 7 Foreground", "get", "get", "get"], _cluster.Requests);
    }

    [Fact]
    public async Task Delete_OfAnObjectThatSomebodyMadeAgain_IsDone()
    {
        _cluster.Reads.Enqueue(Live("u-2"));

        Assert.Null(await DeleteAsync());
    }

    [Fact]
    public async Task Delete_OfAnObjectThatAFinalizerHolds_IsGivenUpWithItsName()
    {
        for (var i = 0; i < 100; i++) _cluster.Reads.Enqueue(Live("u-1", deleting: true));

        var outcome = await DeleteAsync();

        Assert.Equal((ApplyAction.Failed, "is being deleted and held by the finalizers example.com/hold; it is created again when it is gone"), (outcome!.Action, outcome.Message));
    }

    [Fact]
    public async Task Delete_OfAManifestThatCannotBeMadeAnew_SendsNoDelete()
    {
        _cluster.Tried = new ClusterError(ClusterErrorKind.Invalid, 422, "Job.batch \"NAME\" is invalid");

        var outcome = await DeleteAsync();

        Assert.Equal("Job.batch \"work\" is invalid", outcome!.Message);
        Assert.Equal(["try"], _cluster.Requests);
    }

    [Fact]
    public async Task Delete_OfWhatIsNotOurs_AsksNothing()
    {
        var outcome = await DeleteAsync(Live("u-1", owner: "other"));

        Assert.Equal("field is immutable; it is not this application's yet, so it is not deleted to be made again", outcome!.Message);
        Assert.Empty(_cluster.Requests);
    }

    [Theory]
    [InlineData(ClusterErrorKind.Conflict)]
    [InlineData(ClusterErrorKind.NotFound)]
    public async Task Delete_OfAnObjectThatChangedMeanwhile_IsLookedAtAgain(ClusterErrorKind kind)
    {
        _cluster.Deleted = new ClusterError(kind, 409, "changed");

        Assert.Null(await DeleteAsync());
    }

    [Fact]
    public async Task Delete_ThatIsForbidden_SaysSo()
    {
        _cluster.Deleted = new ClusterError(ClusterErrorKind.Forbidden, 403, "may not delete");

        Assert.Equal("may not delete", (await DeleteAsync())!.Message);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task<WriteOutcome?> DeleteAsync(LiveObject? live = null)
    {
        var remaking = new Remaking(_cluster, new OpenFence(), Owner, Propagation.Foreground, _time);
        var desired = new DesiredObject(Live("u-1").Id, "batch/v1", Encoding.UTF8.GetBytes("""{"metadata":{"name":"work"}}"""), default, default, new Dictionary<string, string>());
        var deleting = remaking.DeleteAsync(Jobs, desired, live ?? Live("u-1"), "field is immutable", CancellationToken.None);
        while (!deleting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        return await deleting;
    }

    private static LiveObject Live(string uid, bool deleting = false, string owner = "web") => LiveObject.From(JsonElement.Parse($$"""
        {"metadata":{"name":"work","namespace":"web","uid":"{{uid}}","resourceVersion":"7","annotations":{"gitopsgrains.io/target":"default/shop/{{owner}}:batch/Job:web/work"}
          {{(deleting ? ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\",\"finalizers\":[\"example.com/hold\"]" : "")}} } }
        """), "batch/v1", "Job");

    private sealed class OpenFence : IWriteFence
    {
        public bool IsFresh => true;

        public ValueTask EnsureAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
