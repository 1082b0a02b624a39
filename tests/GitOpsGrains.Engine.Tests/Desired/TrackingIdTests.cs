using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;

namespace GitOpsGrains.Engine.Tests.Desired;

public sealed class TrackingIdTests
{
    [Theory]
    [InlineData("", "ConfigMap", "web", "a")]
    [InlineData("rbac.authorization.k8s.io", "ClusterRole", "", "system:node:x")]
    public void Parse_WhatItWrote_IsEqual(string group, string kind, string space, string name)
    {
        var id = new TrackingId(new TrackingOwner("default", "shop", "web"), new ResourceId(group, kind, space, name));

        Assert.Equal($"default/shop/web:{group}/{kind}:{space}/{name}", id.ToString());
        Assert.Equal(id, TrackingId.Parse(id.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("a/b:/ConfigMap:x/y")]
    [InlineData("a/b/c/d:/ConfigMap:x/y")]
    [InlineData("A/b/c:/ConfigMap:x/y")]
    [InlineData("a/../c:/ConfigMap:x/y")]
    [InlineData("a/b/c:ConfigMap:x/y")]
    [InlineData("a/b/c:/:x/y")]
    [InlineData("a/b/c:/ConfigMap:x")]
    public void Parse_AnythingElse_IsNull(string? text) => Assert.Null(TrackingId.Parse(text));

    [Fact]
    public void Parse_VeryLong_IsNull() => Assert.Null(TrackingId.Parse("a/b/c:/ConfigMap:x/" + new string('y', 2000)));

    [Fact]
    public void OwnerOf_CopiedAnnotation_IsNull()
    {
        Assert.Equal("default/shop/web", TrackingId.OwnerOf(Live.Of(Live.ConfigMap))?.ToString());
        Assert.Null(TrackingId.OwnerOf(Live.Of(Live.ConfigMap.Replace("\"name\":\"settings\"", "\"name\":\"copy\"", StringComparison.Ordinal))));
    }
}
