using System.Globalization;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
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

    /// <summary>They are stored: another hash of the same would be a question about every object of the fleet.</summary>
    [Fact]
    public void From_OwnEntryAndMetadata_HashesAsEver()
    {
        const string Fields = """{"f:metadata":{"f:annotations":{"f:x":{}},"f:finalizers":{"v:\"k/f\"":{}},"f:labels":{"f:a":{},"f:b":{}}}}""";
        var observed = ObservedObject.From(Live.Of($$$"""
            {"metadata":{"name":"n","labels":{"a":"1","c":"2"},"annotations":{"x":"é"},"finalizers":["k/f"],"managedFields":[
            {"manager":"gitopsgrains","operation":"Apply","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{{{Fields}}}}]}}
            """), full: false, health: null);

        Assert.Equal("3c44f8335c7137191168d0978d4c15ee", observed.Entry.ToString("x32", CultureInfo.InvariantCulture));
        Assert.Equal("8b4e7d9fbab5663aed9040b1a59dfb25", observed.OwnedMetadata.ToString("x32", CultureInfo.InvariantCulture));
    }

    [Theory]
    [MemberData(nameof(ConfigMapCases))]
    public void Compare_MetadataOnly_AsksWhatTheCaseAsks(string what, string old, string now, ProofQuestion expected)
    {
        Assert.Contains(old, Live.ConfigMap, StringComparison.Ordinal);
        var proof = ObjectProof.Of(Desired, Live.Of(Live.ConfigMap));

        var observed = ObservedObject.From(Live.Of(Live.ConfigMap.Replace(old, now, StringComparison.Ordinal)), full: false, health: null);

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
    [InlineData("\"annotations\":{", "\"annotations\":{\"deployment.kubernetes.io/revision\":\"1\",", ProofQuestion.None)]
    [InlineData("\"labels\":{", "\"labels\":{\"theirs\":\"1\",", ProofQuestion.None)]
    [InlineData("\"finalizers\":[", "\"finalizers\":[\"example.com/theirs\",", ProofQuestion.None)]
    [InlineData("\"ownerReferences\":[", "\"ownerReferences\":[{\"uid\":\"u-2\",\"name\":\"theirs\"},", ProofQuestion.None)]
    [InlineData("\"gitopsgrains.io/managed\":\"true\"", "\"gitopsgrains.io/managed\":\"false\"", ProofQuestion.MetadataChanged)]
    [InlineData("\"example.com/ours\"]", "\"example.com/other\"]", ProofQuestion.MetadataChanged)]
    [InlineData("\"uid\":\"u-1\",\"name\":\"ours\"", "\"uid\":\"u-1\",\"name\":\"changed\"", ProofQuestion.MetadataChanged)]
    [InlineData("{\"uid\":\"u-1\",\"name\":\"ours\"}", "", ProofQuestion.MetadataChanged)]
    public void Compare_Full_AsksOnlyForContent(string old, string now, ProofQuestion expected)
    {
        Assert.Contains(old, Live.Deployment, StringComparison.Ordinal);
        var changed = Live.Of(Live.Deployment.Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment");

        Assert.Equal(expected, ProofCheck.Compare(Proof(), ObservedObject.From(changed, full: true, health: null)));
    }

    [Theory]
    [InlineData("\"generation\":3", "\"generation\":4", ProofQuestion.GenerationChanged)]
    [InlineData("\"resourceVersion\":\"77\"", "\"resourceVersion\":\"78\"", ProofQuestion.None)]
    public void Compare_MetadataOnlyWithGeneration_AsksForThatNotForTheVersion(string old, string now, ProofQuestion expected)
    {
        var changed = Live.Of(Live.Deployment.Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment");

        Assert.Equal(expected, ProofCheck.Compare(Proof(), ObservedObject.From(changed, full: false, health: null)));
    }

    [Theory]
    [InlineData("v1", "PersistentVolumeClaim", "volumeName")]
    [InlineData("v1", "Pod", "nodeName")]
    public void Compare_FieldThatTheServerSetsOnce_AsksNothing(string apiVersion, string kind, string field)
    {
        var before = $$$"""{"metadata":{"name":"a","uid":"{{{Live.Uid}}}"},"spec":{"other":"1"}}""";
        var proof = ObjectProof.Of(Desired, Live.Of(before, apiVersion, kind));

        Assert.Equal(ProofQuestion.None, Ask(before.Replace("\"spec\":{", $"\"spec\":{{\"{field}\":\"x\",", StringComparison.Ordinal)));
        Assert.Equal(ProofQuestion.ContentChanged, Ask(before.Replace("\"other\":\"1\"", "\"other\":\"2\"", StringComparison.Ordinal)));

        ProofQuestion Ask(string json) => ProofCheck.Compare(proof, ObservedObject.From(Live.Of(json, apiVersion, kind), full: true, health: null));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("\"f:gitopsgrains.io/managed\":{}", "\"f:other\":{}", false)]
    [InlineData("\"f:gitopsgrains.io/target\":{}", "\"f:other\":{}", false)]
    [InlineData("\"v:\\\"example.com/ours\\\"\":{}", "\"v:\\\"other\\\"\":{}", false)]
    [InlineData("\"k:{\\\"uid\\\":\\\"u-1\\\"}\"", "\"k:{\\\"uid\\\":\\\"u-9\\\"}\"", false)]
    [InlineData("\"manager\":\"gitopsgrains\"", "\"manager\":\"gone\"", false)]
    public void Of_EntryWithoutSomeOfOurMetadata_HoldsForThatVersionOnly(string old, string now, bool isComplete)
    {
        var json = old.Length == 0 ? Live.Deployment : Live.Deployment.Replace(old, now, StringComparison.Ordinal);
        Assert.Equal(isComplete, json == Live.Deployment);
        var proof = ObjectProof.Of(Wanted(), Live.Of(json, "apps/v1", "Deployment"));

        Assert.Equal(!isComplete, proof.IsOfVersion);
        Assert.Equal(ProofQuestion.None, Ask(json));
        Assert.Equal(isComplete ? ProofQuestion.None : ProofQuestion.VersionChanged, Ask(json.Replace("\"resourceVersion\":\"77\"", "\"resourceVersion\":\"78\"", StringComparison.Ordinal)));
        Assert.Equal(isComplete, proof.HasContentOf(ObservedObject.From(Live.Of(json, "apps/v1", "Deployment"), full: true, health: null)));

        ProofQuestion Ask(string now) => ProofCheck.Compare(proof, ObservedObject.From(Live.Of(now, "apps/v1", "Deployment"), full: true, health: null));
    }

    [Theory]
    [InlineData("our label, in the update entry", "\"gitopsgrains.io/managed\":\"true\"", "\"gitopsgrains.io/managed\":\"no\"", ProofQuestion.MetadataChanged)]
    [InlineData("the update entry itself", "2026-01-01T00:00:07Z", "2026-01-01T00:00:08Z", ProofQuestion.EntryChanged)]
    [InlineData("nothing", "\"name\":\"web\"", "\"name\":\"web\"", ProofQuestion.None)]
    public void Of_MarksInAnUpdateEntry_AreProvenToo(string what, string old, string now, ProofQuestion expected)
    {
        // As an adoption by one patch leaves it: our marks are in an entry of their own.
        const string Marks = """{"manager":"gitopsgrains","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T00:00:07Z","fieldsV1":{"f:metadata":{"f:annotations":{"f:gitopsgrains.io/target":{}},"f:labels":{"f:gitopsgrains.io/managed":{}}}}},""";
        var json = Live.Deployment
            .Replace("\"f:annotations\":{\"f:gitopsgrains.io/target\":{}},\"f:labels\":{\"f:gitopsgrains.io/managed\":{}},", "", StringComparison.Ordinal)
            .Replace("\"managedFields\":[", "\"managedFields\":[" + Marks, StringComparison.Ordinal);
        var proof = ObjectProof.Of(Wanted(), Live.Of(json, "apps/v1", "Deployment"));

        Assert.False(proof.IsOfVersion);
        Assert.Equal((what, expected), (what, ProofCheck.Compare(proof, ObservedObject.From(Live.Of(json.Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment"), full: true, health: null))));
    }

    [Fact]
    public void Compare_WithoutProof_IsUnproven() =>
        Assert.Equal(ProofQuestion.Unproven, ProofCheck.Compare(null, ObservedObject.From(Live.Of(Live.ConfigMap), full: true, health: null)));

    [Fact]
    public void Proof_ThroughJson_HoldsAsBefore()
    {
        var stored = JsonSerializer.Deserialize<ObjectProof>(JsonSerializer.Serialize(Proof()))!;

        Assert.Equal(Proof(), stored);
        Assert.Equal(ProofQuestion.None, ProofCheck.Compare(stored, ObservedObject.From(Live.Of(Live.Deployment, "apps/v1", "Deployment"), full: true, health: null)));
        Assert.Equal(Desired, stored.Desired);
        Assert.NotNull(stored.Content);
    }

    [Fact]
    public void From_ObjectOfServer_KeepsWhatCounts()
    {
        var observed = ObservedObject.From(Live.Of(Live.ConfigMap), full: true, health: null);

        Assert.Equal((Live.Uid, "1042", null), (observed.Uid, observed.ResourceVersion, observed.Generation));
        Assert.Equal((true, false, "default/shop/web"), (observed.IsLabelled, observed.IsDeleting, observed.Owner));
        Assert.Null(observed.Health);
    }

    [Fact]
    public void From_OddUidAndVersion_AreKeptAsTheyAre()
    {
        var observed = ObservedObject.From(Live.Of("""{"metadata":{"name":"a","uid":"ABC","resourceVersion":"007"}}"""), full: false, health: null);

        Assert.Equal(("ABC", "007"), (observed.Uid, observed.ResourceVersion));
        Assert.Equal(default, observed.Entry);
        Assert.False(observed.IsLabelled);
    }

    private static DesiredObject Wanted() => new(Live.Of(Live.Deployment, "apps/v1", "Deployment").Id, "apps/v1", Encoding.UTF8.GetBytes("""
        {"metadata":{"labels":{"gitopsgrains.io/managed":"true"},"annotations":{"gitopsgrains.io/target":"t"},
         "finalizers":["example.com/ours"],"ownerReferences":[{"uid":"u-1","name":"ours"}]}}
        """), Desired, default, new Dictionary<string, string>());

    private static ObjectProof Proof() => ObjectProof.Of(Desired, Live.Of(Live.Deployment, "apps/v1", "Deployment"));
}
