using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Targets;
using GitOpsGrains.Grains.Tests.Clusters;
using RefusalKind = GitOpsGrains.Abstractions.RefusalKind;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>What belongs to a target's objects is found with a bounded number of requests, and what can't be looked at is told.</summary>
public sealed class FamilyReaderTests : IAsyncDisposable
{
    private static readonly FamilyMember Web = FamilyMember.Of(new ResourceId("apps", "Deployment", "web", "web"), "u-web");
    private static readonly FamilyMember Settings = FamilyMember.Of(new ResourceId("", "ConfigMap", "web", "settings"), "u-settings");
    private static readonly FamilyMember Role = FamilyMember.Of(new ResourceId("rbac.authorization.k8s.io", "ClusterRole", "", "r"), "u-role");

    private readonly ListedConnection _connection = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfAWorkload_FindsWhatItOwnsOverTwoSteps()
    {
        _connection.Has("replicasets web", Owned("ReplicaSet", "web-1", "u-rs", "u-web"), Owned("ReplicaSet", "foreign", "u-x", "u-other"));
        _connection.Has("pods web", Owned("Pod", "web-1-a", "u-pod", "u-rs"), Owned("Pod", "foreign", "u-y", "u-x"), Owned("Pod", "none", "u-z", null));

        var family = await Reader().ReadAsync([Web, Settings], Stop);

        Assert.Equal(["web", "settings", "web-1", "web-1-a"], family.Select(member => member.Id.Name));
        Assert.All(family.Where(member => member.Id.Kind is "ReplicaSet" or "Pod"), member => Assert.Equal(Web.Id, member.Root));
        Assert.Equal(["replicasets web", "pods web"], _connection.Asked);
    }

    [Fact]
    public async Task Read_OfWhatOwnsNothing_AsksForNothing()
    {
        Assert.Equal([Settings, Role], await Reader().ReadAsync([Settings, Role], Stop));
        Assert.Empty(_connection.Asked);
    }

    [Fact]
    public async Task ReadEvents_OfFewObjects_AsksForEachByItself()
    {
        _connection.Has("events web involvedObject.uid=u-settings", Event("e1", "u-settings"));
        _connection.Has("events default involvedObject.uid=u-role", Event("e2", "u-role"), Event("e3", "u-another"));

        var events = await Reader().ReadEventsAsync([Settings, Role], Stop);

        // What a server answers beside the question is none of ours.
        Assert.Equal([("u-settings", Settings), ("u-role", Role)], events.Select(item => (item.Event.Uid, item.About)));
    }

    [Fact]
    public async Task ReadEvents_OfMany_AsksForEachNamespaceOnce()
    {
        FamilyMember[] many = [.. Enumerable.Range(0, 30).Select(number => FamilyMember.Of(new ResourceId("", "ConfigMap", number % 2 == 0 ? "a" : "b", $"c{number}"), $"u{number}"))];
        _connection.Has("events a", Event("e1", "u0"), Event("e2", "u-other"));
        _connection.Has("events b", Event("e3", "u1"));

        var events = await Reader().ReadEventsAsync(many, Stop);

        Assert.Equal(["u0", "u1"], events.Select(item => item.Event.Uid));
        Assert.Equal(["events a", "events b"], _connection.Asked);
    }

    [Fact]
    public async Task ReadEvents_OfANamespaceWithVeryMany_StopsAndSaysSo()
    {
        FamilyMember[] many = [.. Enumerable.Range(0, 9).Select(number => FamilyMember.Of(new ResourceId("", "ConfigMap", "web", $"c{number}"), $"u{number}"))];
        _connection.IsEndless = true;
        var reader = Reader();

        await reader.ReadEventsAsync(many, Stop);

        Assert.Equal(10, _connection.Asked.Count);
        Assert.Equal(["namespace web has more than 5000 events, and no others were looked at; name an object"], reader.Notes);
    }

    [Fact]
    public async Task ReadEvents_InManyNamespaces_KeepsToItsRequests()
    {
        FamilyMember[] many = [.. Enumerable.Range(0, 50).Select(number => FamilyMember.Of(new ResourceId("", "ConfigMap", $"n{number:00}", "c"), $"u{number}"))];
        _connection.IsEndless = true;
        var reader = Reader();

        await reader.ReadEventsAsync(many, Stop);

        Assert.Equal(FamilyReader.MaxRequests, _connection.Asked.Count);
        Assert.Contains("the objects lie in 50 namespaces, and only the first 16 were looked at; name an object", reader.Notes);
        Assert.Contains($"not all was looked at: that takes more than {FamilyReader.MaxRequests} requests; name an object", reader.Notes);
    }

    [Fact]
    public async Task ReadEvents_WithoutTheRight_IsRefusedInTheServersWords()
    {
        _connection.Fails("events", new ClusterError(ClusterErrorKind.Forbidden, 403, "events is forbidden"));

        var refused = await Assert.ThrowsAsync<GrainRefusedException>(() => Reader().ReadEventsAsync([Settings], Stop));

        Assert.Equal((RefusalKind.Conflict, "cluster eu-1 does not let events of namespace web be listed: events is forbidden"), (refused.Kind, refused.Message));
    }

    [Fact]
    public async Task ReadEvents_WithoutTheRightToPodsEither_IsRefusedForTheEvents()
    {
        _connection.Fails("pods", new ClusterError(ClusterErrorKind.Forbidden, 403, "no pods"));
        _connection.Fails("events", new ClusterError(ClusterErrorKind.Forbidden, 403, "no events"));
        var reader = Reader();
        var members = await reader.ReadAsync([Web], Stop);

        var refused = await Assert.ThrowsAsync<GrainRefusedException>(() => reader.ReadEventsAsync(members, Stop));

        Assert.Equal("cluster eu-1 does not let events of namespace web be listed: no events", refused.Message);
    }

    [Fact]
    public async Task ReadEvents_WithTheRightInOneNamespaceOnly_TellsTheseAndNotesTheOther()
    {
        _connection.Has("events default involvedObject.uid=u-role", Event("e2", "u-role"));
        _connection.Fails("events web", new ClusterError(ClusterErrorKind.Forbidden, 403, "no"));
        var reader = Reader();

        var events = await reader.ReadEventsAsync([Settings, Role], Stop);

        Assert.Equal("u-role", Assert.Single(events).Event.Uid);
        Assert.Equal(["cluster eu-1 does not let events of namespace web be listed: no"], reader.Notes);
    }

    [Theory]
    [InlineData(ClusterErrorKind.Unreachable)]
    [InlineData(ClusterErrorKind.TimedOut)]
    [InlineData(ClusterErrorKind.CircuitOpen)]
    [InlineData(ClusterErrorKind.Unauthorized)]
    [InlineData(ClusterErrorKind.Malformed)]
    public async Task Read_OfAClusterThatDoesNotAnswer_IsRefused(ClusterErrorKind kind)
    {
        _connection.Fails("", new ClusterError(kind, 0, "gone away"));

        var refused = await Assert.ThrowsAsync<GrainRefusedException>(() => Reader().ReadAsync([Web], Stop));

        Assert.Equal((RefusalKind.Conflict, "cluster eu-1 can't be asked now: gone away"), (refused.Kind, refused.Message));
    }

    [Fact]
    public async Task Read_WithoutTheRightToPods_GoesOnWithWhatIsKnown()
    {
        _connection.Has("replicasets web", Owned("ReplicaSet", "web-1", "u-rs", "u-web"));
        _connection.Fails("pods", new ClusterError(ClusterErrorKind.Forbidden, 403, "no"));
        var reader = Reader();

        Assert.Equal(["web", "web-1"], (await reader.ReadAsync([Web], Stop)).Select(member => member.Id.Name));
        Assert.Equal(["cluster eu-1 does not let pods of namespace web be listed: no"], reader.Notes);
    }

    [Fact]
    public async Task Read_OfAClusterThatIsLimitedToNamespaces_AsksForNoOthers()
    {
        var reader = new FamilyReader(_connection, Catalog(), "eu-1", ["shop"]);

        Assert.Equal([Web], await reader.ReadAsync([Web], Stop));
        Assert.Empty(_connection.Asked);
        Assert.Equal(["cluster eu-1 is limited to the namespaces shop: namespace web was not looked at"], reader.Notes);
    }

    [Fact]
    public async Task ReadEvents_OfAClusterWithoutThem_IsRefused()
    {
        var reader = new FamilyReader(_connection, new ApiCatalog([], []), "eu-1", []);

        Assert.Equal("cluster eu-1 serves no events", (await Assert.ThrowsAsync<GrainRefusedException>(() => reader.ReadEventsAsync([Settings], Stop))).Message);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private FamilyReader Reader() => new(_connection, Catalog(), "eu-1", []);

    private static ApiCatalog Catalog() => new(
        [Kind("", "Event", "events"), Kind("", "Pod", "pods"), Kind("apps", "ReplicaSet", "replicasets"), Kind("batch", "Job", "jobs")], []);

    private static ApiResource Kind(string group, string kind, string plural) => new(group, "v1", kind, plural, true, new HashSet<string> { "list" });

    private static string Owned(string kind, string name, string uid, string? owner)
    {
        var owners = owner is null ? "[null,7]" : $$"""[{"uid":5},{"uid":"{{owner}}"}]""";
        return $$$"""{"kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"web","uid":"{{{uid}}}","ownerReferences":{{{owners}}} } }""";
    }

    private static string Event(string name, string about) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"web","uid":"{{{name}}}"},"involvedObject":{"kind":"ConfigMap","uid":"{{{about}}}"} }""";
}
