using System.Text;
using System.Text.Json;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class PruneTombstoneTests
{
    [Fact]
    public void Of_LiveObject_KeepsWhatPeopleMadeAndOfTheServerTheUidOnly()
    {
        var tombstone = Tombstone.Of(Live.Of(Live.Deployment, "apps/v1", "Deployment"));

        Assert.Equal(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{"gitopsgrains.io/target":"default/shop/web:apps/Deployment:web/web"},"finalizers":["example.com/ours"],"labels":{"gitopsgrains.io/managed":"true"},"name":"web","namespace":"web","ownerReferences":[{"name":"ours","uid":"u-1"}],"uid":"0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e"},"spec":{"replicas":2,"template":{"spec":{"containers":[{"image":"app:1","name":"app"}]}}}}""",
            Encoding.UTF8.GetString(tombstone.Json.Span));
        Assert.Equal(("apps/Deployment:web/web", "apps/v1"), (tombstone.Id.ToString(), tombstone.ApiVersion));
    }

    [Fact]
    public void Of_SameContentReadTwice_IsTheSameTombstone() =>
        Assert.Equal(
            Tombstone.Of(Live.Of(Live.ConfigMap)).Hash,
            Tombstone.Of(Live.Of(Live.ConfigMap.Replace("\"1042\"", "\"2000\"", StringComparison.Ordinal))).Hash);

    [Fact]
    public void Of_StoredAndReadBack_IsUnchanged()
    {
        var set = ManifestSets.Combine([Tombstone.Of(Live.Of(Live.ConfigMap)), Tombstone.Of(Live.Of(Live.Deployment, "apps/v1", "Deployment"))]).Set!;

        var read = ManifestSetCodec.Decode(ManifestSetCodec.Encode(set));

        Assert.Equal(set.Digest, read.Digest);
        Assert.Equal(set.Objects.Select(item => (item.Id, item.Hash)), read.Objects.Select(item => (item.Id, item.Hash)));
    }

    [Fact]
    public void UidOf_StoredAndReadBack_IsThatOfTheLiveObject()
    {
        var set = ManifestSets.Combine([Tombstone.Of(Live.Of(Live.Deployment, "apps/v1", "Deployment"))]).Set!;

        Assert.Equal("0d1f4b4e-8c4c-4a53-9d2c-2f3a1b0c5d6e", Tombstone.UidOf(Assert.Single(ManifestSetCodec.Decode(ManifestSetCodec.Encode(set)).Objects)));
    }

    [Fact]
    public void UidOf_TombstoneWithoutOne_IsNull() => Assert.Null(Tombstone.UidOf(Tombstone.Of(Live.Of("""{"metadata":{"name":"x"}}"""))));

    [Fact]
    public void BodyOf_Restored_IsMarkedAndForgetsItsDigestAndOwners()
    {
        var body = Body(Live.Deployment.Replace("\"gitopsgrains.io/target\"", "\"gitopsgrains.io/digest\":\"d\",\"argocd.argoproj.io/deletion-approved\":\"2026-01-01T00:00:00Z\",\"gitopsgrains.io/target\"", StringComparison.Ordinal), "apps/v1", "Deployment");

        var metadata = body.GetProperty("metadata");
        Assert.Equal(
            """{"gitopsgrains.io/prune":"disabled","gitopsgrains.io/restored":"shop~web~1","gitopsgrains.io/target":"default/shop/web:apps/Deployment:web/web"}""",
            metadata.GetProperty("annotations").GetRawText());
        Assert.False(metadata.TryGetProperty("ownerReferences", out _));
        Assert.False(metadata.TryGetProperty("uid", out _));
        Assert.Equal("""["example.com/ours"]""", metadata.GetProperty("finalizers").GetRawText());
        Assert.Equal(2, body.GetProperty("spec").GetProperty("replicas").GetInt32());
    }

    [Theory]
    [InlineData("v1", "Service", """{"clusterIP":"10.0.0.7","clusterIPs":["10.0.0.7"],"ports":[{"port":80}]}""", """{"ports":[{"port":80}]}""")]
    [InlineData("v1", "Service", """{"clusterIP":"None","clusterIPs":["None"]}""", """{"clusterIP":"None","clusterIPs":["None"]}""")]
    [InlineData("v1", "PersistentVolumeClaim", """{"accessModes":["ReadWriteOnce"],"volumeName":"pv-1"}""", """{"accessModes":["ReadWriteOnce"]}""")]
    [InlineData("v1", "PersistentVolume", """{"claimRef":{"name":"c","resourceVersion":"9","uid":"u"}}""", """{"claimRef":{"name":"c"}}""")]
    [InlineData("v1", "Pod", """{"containers":[],"nodeName":"n"}""", """{"containers":[]}""")]
    [InlineData("batch/v1", "Job", """{"selector":{"matchLabels":{"controller-uid":"u"}},"template":{"metadata":{"labels":{"app":"a","controller-uid":"u","job-name":"x"}}}}""", """{"template":{"metadata":{"labels":{"app":"a"}}}}""")]
    [InlineData("batch/v1", "Job", """{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}}}""", """{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}}}""")]
    public void BodyOf_WhatBoundTheOldObject_IsLeftOut(string apiVersion, string kind, string spec, string expected) =>
        Assert.Equal(expected, Body($$"""{"metadata":{"name":"x","namespace":"web","uid":"u"},"spec":{{spec}}}""", apiVersion, kind).GetProperty("spec").GetRawText());

    [Fact]
    public void BodyOf_DeletedInTheForeground_IsNotHeldByThatFinalizer() =>
        Assert.False(Body("""{"metadata":{"name":"x","finalizers":["foregroundDeletion","orphan"]}}""", "v1", "ConfigMap").GetProperty("metadata").TryGetProperty("finalizers", out _));

    private static JsonElement Body(string live, string apiVersion, string kind) =>
        JsonElement.Parse(Tombstone.BodyOf(Tombstone.Of(Live.Of(live, apiVersion, kind)), "shop~web~1").Span);
}
