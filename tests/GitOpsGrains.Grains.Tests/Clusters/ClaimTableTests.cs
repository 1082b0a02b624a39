using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Tests.Clusters;

public sealed class ClaimTableTests
{
    private static readonly ResourceId One = new("", "ConfigMap", "web", "one");
    private static readonly ResourceId Two = new("", "ConfigMap", "web", "two");

    private readonly ClaimTable _claims = new();

    [Fact]
    public void FirstOf_OnlyWhatIsClaimedNow_IsFound()
    {
        var table = new ClaimTable();
        var inside = new ResourceId("", "ConfigMap", "web", "inside");
        table.Replace("shop/web/eu", new HashSet<ResourceId> { inside, new("", "ConfigMap", "other", "outside") });

        Assert.Equal((inside, "shop/web/eu"), table.FirstOf(id => id.Namespace == "web"));
        Assert.Null(table.FirstOf(id => id.Namespace == "elsewhere"));
        table.Remove("shop/web/eu");
        Assert.Null(table.FirstOf(id => id.Namespace == "web"));
    }

    [Fact]
    public void Replace_TwoTargetsOfOneObject_TheFirstKeepsIt()
    {
        Claim("a", One);

        Assert.Empty(Claim("b", One, Two));

        Assert.Equal(("a", "b"), (_claims.OwnerOf(One), _claims.OwnerOf(Two)));
        Assert.Equal(["a", "b"], _claims.Targets.Order());
    }

    [Fact]
    public void Replace_OfOneThatHoldsTheObject_ComesBeforeOneThatOnlyWantsIt()
    {
        // After a restart the one that never had it may speak first.
        Claim("b", One);

        _claims.Replace("a", new HashSet<ResourceId> { One }, new HashSet<ResourceId> { One });

        Assert.Equal("a", _claims.OwnerOf(One));
        _claims.Replace("b", new HashSet<ResourceId> { One }, new HashSet<ResourceId> { One });
        Assert.Equal("a", _claims.OwnerOf(One));
        Assert.Equal(["b"], _claims.Remove("a"));
        Assert.Equal("b", _claims.OwnerOf(One));
    }

    [Fact]
    public void Replace_OwnerLetsGo_TheOnesThatWaitFollowInOrder()
    {
        Claim("a", One);
        Claim("b", One);
        Claim("c", One);

        Assert.Equal(["b"], Claim("a"));
        Assert.Equal("b", _claims.OwnerOf(One));
        Assert.Equal(["c"], _claims.Remove("b"));
        Assert.Equal("c", _claims.OwnerOf(One));
    }

    [Fact]
    public void Replace_OneThatWaitsLetsGo_NobodyIsPromoted()
    {
        Claim("a", One);
        Claim("b", One);
        Claim("b");

        Assert.Empty(Claim("a"));
        Assert.Null(_claims.OwnerOf(One));
    }

    [Fact]
    public void Replace_SameClaimsTwice_WaitsOnce()
    {
        Claim("a", One);
        Claim("b", One);
        Claim("b", One);
        Claim("a");
        Claim("b");

        Assert.Null(_claims.OwnerOf(One));
    }

    [Fact]
    public void Replace_WithNothing_IsStillHeardOf()
    {
        Claim("a");
        Assert.Equal(["a"], _claims.Targets);

        _claims.Remove("a");
        Assert.Empty(_claims.Targets);
    }

    [Fact]
    public void Outdate_OfATarget_LeavesItsClaimsAndMakesItUndecidedUntilItSpeaks()
    {
        Claim("a", One);
        Claim("b");

        _claims.Outdate("a");
        Assert.Equal(["b"], _claims.Decided);
        Assert.Equal("a", _claims.OwnerOf(One));
        Assert.Equal(["a", "b"], _claims.Targets.Order());

        Claim("a", One);
        Assert.Equal(["a", "b"], _claims.Decided.Order());
        _claims.Outdate("a");
        _claims.Confirm("a");
        Assert.Equal(["a", "b"], _claims.Decided.Order());
    }

    [Fact]
    public void Replace_WithNames_OwnsNoneOfThemAndIsFoundByThem()
    {
        _claims.Replace("a", new HashSet<ResourceId>(), named: new HashSet<ResourceId> { One });

        Assert.Null(_claims.OwnerOf(One));
        Assert.Equal(("a", null), (_claims.NamedBy(One, except: "b"), _claims.NamedBy(One, except: "a")));
        Assert.Equal((One, "a"), _claims.FirstOf(id => id == One));
        Claim("b", One);
        Assert.Equal("b", _claims.OwnerOf(One));

        Claim("a");
        Assert.Null(_claims.NamedBy(One, except: "b"));
    }

    private IReadOnlySet<string> Claim(string target, params ResourceId[] ids) => _claims.Replace(target, ids.ToHashSet());
}
