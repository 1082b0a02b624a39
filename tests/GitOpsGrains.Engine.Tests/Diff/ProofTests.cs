using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Diff;

namespace GitOpsGrains.Engine.Tests.Diff;

/// <summary>The cases of the drift experiments, on objects of the shape that servers answer.</summary>
public sealed class ProofTests
{
    private static readonly Digest Desired = Digest.Of("desired");

    public static TheoryData<string, string, string, ProofQuestion> ConfigMapCases => new()
    {
        // what happened, what is replaced, by what, and what a metadata-only watch asks
        { "nothing", "\"a\":\"1\"", "\"a\":\"1\"", ProofQuestion.None },
        { "an owned value changed: version", "\"resourceVersion\":\"1042\"", "\"resourceVersion\":\"1043\"", ProofQuestion.VersionChanged },
        { "own entry's fields changed", "\"f:b\":{}", "\"f:bb\":{}", ProofQuestion.EntryChanged },
        { "own entry's time changed (a zombie with our name)", "2026-01-01T00:00:01Z", "2026-01-01T00:00:05Z", ProofQuestion.EntryChanged },
        { "own entry's version changed", "\"operation\":\"Apply\",\"apiVersion\":\"v1\"", "\"operation\":\"Apply\",\"apiVersion\":\"v2\"", ProofQuestion.EntryChanged },
        { "own entry gone", "\"manager\":\"gitopsgrains\"", "\"manager\":\"gone\"", ProofQuestion.EntryChanged },
        { "own entry is an update now", "\"operation\":\"Apply\"", "\"operation\":\"Update\"", ProofQuestion.EntryChanged },
        { "owned label changed by a webhook", "\"team\":\"web\"", "\"team\":\"ops\"", ProofQuestion.MetadataChanged },
        { "owned label gone", "\"team\":\"web\"", "\"teem\":\"web\"", ProofQuestion.MetadataChanged },
        { "digest annotation changed", "\"gitopsgrains.io/digest\":\"d1\"", "\"gitopsgrains.io/digest\":\"d2\"", ProofQuestion.MetadataChanged },
        { "a finalizer holds the deletion", "\"creationTimestamp\"", "\"deletionTimestamp\":\"2026-01-01T00:00:03Z\",\"creationTimestamp\"", ProofQuestion.Deleting },
        { "deleted and made again", Live.Uid, "11111111-8c4c-4a53-9d2c-2f3a1b0c5d6e", ProofQuestion.Recreated },
        { "foreign annotation changed", "\"other\":\"o\"", "\"other\":\"p\"", ProofQuestion.None },
        { "foreign entry changed", "2026-01-01T00:00:02Z", "2026-01-01T00:00:08Z", ProofQuestion.None },
    };

    [Theory]
    [MemberData(nameof(ConfigMapCases))]
    public void Compare_MetadataOnly_AsksWhatTheCaseAsks(string what, string old, string now, ProofQuestion expected)
    {
        Assert.Contains(old, Live.ConfigMap, StringComparison.Ordinal);
        var proof = ObjectProof.Of(Desired, Live.Of(Live.ConfigMap));

        var observed = ObservedObject.From(Live.Of(Live.ConfigMap.Replace(old, now, StringComparison.Ordinal)), full: false);

        Assert.True(expected == ProofCheck.Compare(proof, observed), what);
    }

    [Theory]
    [InlineData("\"image\":\"app:1\"", "\"image\":\"app:2\"", ProofQuestion.ContentChanged)]
    [InlineData("\"replicas\":2,\"template\"", "\"replicas\":3,\"template\"", ProofQuestion.ContentChanged)]
    [InlineData("{\"name\":\"app\",\"image\":\"app:1\"}", "{\"name\":\"app\",\"image\":\"app:1\"},{\"name\":\"sidecar\"}", ProofQuestion.ContentChanged)]
    [InlineData("\"availableReplicas\":2", "\"availableReplicas\":1", ProofQuestion.None)]
    [InlineData("\"resourceVersion\":\"77\"", "\"resourceVersion\":\"78\"", ProofQuestion.None)]
    [InlineData("\"generation\":3", "\"generation\":4", ProofQuestion.None)]
    [InlineData("\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",", "", ProofQuestion.None)]
    [InlineData("2026-01-01T00:00:09Z", "2026-01-01T00:00:19Z", ProofQuestion.None)]
    public void Compare_Full_AsksOnlyForContent(string old, string now, ProofQuestion expected)
    {
        var changed = Live.Of(Live.Deployment.Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment");

        Assert.Equal(expected, ProofCheck.Compare(Proof(), ObservedObject.From(changed, full: true)));
    }

    [Theory]
    [InlineData("\"generation\":3", "\"generation\":4", ProofQuestion.GenerationChanged)]
    [InlineData("\"resourceVersion\":\"77\"", "\"resourceVersion\":\"78\"", ProofQuestion.None)]
    public void Compare_MetadataOnlyWithGeneration_AsksForThatNotForTheVersion(string old, string now, ProofQuestion expected)
    {
        var changed = Live.Of(Live.Deployment.Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment");

        Assert.Equal(expected, ProofCheck.Compare(Proof(), ObservedObject.From(changed, full: false)));
    }

    [Fact]
    public void Compare_WithoutProof_IsUnproven() =>
        Assert.Equal(ProofQuestion.Unproven, ProofCheck.Compare(null, ObservedObject.From(Live.Of(Live.ConfigMap), full: true)));

    [Fact]
    public void Proof_ThroughJson_HoldsAsBefore()
    {
        var stored = JsonSerializer.Deserialize<ObjectProof>(JsonSerializer.Serialize(Proof()))!;

        Assert.Equal(Proof(), stored);
        Assert.Equal(ProofQuestion.None, ProofCheck.Compare(stored, ObservedObject.From(Live.Of(Live.Deployment, "apps/v1", "Deployment"), full: true)));
        Assert.Equal(Desired, stored.Desired);
        Assert.Equal(32, stored.Content.Length);
    }

    [Fact]
    public void From_ObjectOfServer_KeepsWhatCounts()
    {
        var observed = ObservedObject.From(Live.Of(Live.ConfigMap), full: true);

        Assert.Equal((Live.Uid, "1042", null), (observed.Uid, observed.ResourceVersion, observed.Generation));
        Assert.Equal((true, false, "default/shop/web"), (observed.IsLabelled, observed.IsDeleting, observed.Owner));
        Assert.Null(observed.Health);
    }

    [Fact]
    public void From_OddUidAndVersion_AreKeptAsTheyAre()
    {
        var observed = ObservedObject.From(Live.Of("""{"metadata":{"name":"a","uid":"ABC","resourceVersion":"007"}}"""), full: false);

        Assert.Equal(("ABC", "007"), (observed.Uid, observed.ResourceVersion));
        Assert.Equal(default, observed.Entry);
        Assert.False(observed.IsLabelled);
    }

    private static ObjectProof Proof() => ObjectProof.Of(Desired, Live.Of(Live.Deployment, "apps/v1", "Deployment"));
}
