using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Grains.Targets;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>Pages of events: newest first, and events that come in between move none.</summary>
public sealed class EventPagesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly FamilyMember Web = FamilyMember.Of(new ResourceId("apps", "Deployment", "web", "web"), "u-web");
    private static readonly FamilyMember Pod = new(new ResourceId("", "Pod", "web", "web-1"), "u-pod", Web.Id);

    [Fact]
    public void Of_Events_AreNewestFirstAndNameTheirOwner()
    {
        var view = Page([(At(1, "b"), Web), (At(3, "c"), Pod), (At(1, "a"), Web)], limit: 10);

        Assert.Equal(["3c", "1a", "1b"], view.Items.Select(item => item.Reason));
        Assert.Equal(("/Pod:web/web-1", "apps/Deployment:web/web"), (view.Items[0].Object, view.Items[0].Owner));
        Assert.Equal(("apps/Deployment:web/web", null), (view.Items[1].Object, view.Items[1].Owner));
        Assert.Equal((null, 3), (view.Continue, view.Total));
    }

    [Fact]
    public void Of_PagesBetweenWhichEventsCome_TellNoneTwice()
    {
        List<(LiveEvent, FamilyMember)> events = [.. Enumerable.Range(0, 5).Select(number => (At(number / 2, $"k{number}"), Web))];
        var first = Page(events, limit: 2);
        events.Add((At(9, "new"), Web));
        var second = Page(events, limit: 2, first.Continue);
        var third = Page(events, limit: 2, second.Continue);

        Assert.Equal(["2k4", "1k2", "1k3", "0k0", "0k1"], first.Items.Concat(second.Items).Concat(third.Items).Select(item => item.Reason));
        Assert.Equal((null, 6), (third.Continue, third.Total));
    }

    [Fact]
    public void Of_AnEventThatIsListedTwice_IsToldOnce() => Assert.Equal(1, Page([(At(1, "a"), Web), (At(1, "a"), Web)], limit: 10).Total);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-5")]
    [InlineData("12")]
    [InlineData("99999999999999999999999-a")]
    public void After_WhatIsNoToken_IsInvalid(string token)
    {
        var refused = Assert.Throws<GrainRefusedException>(() => EventPages.After(token));
        Assert.Equal((RefusalKind.Invalid, "continue: this is no token of a page before"), (refused.Kind, refused.Message));
    }

    private static EventsView Page(IReadOnlyList<(LiveEvent, FamilyMember)> events, int limit, string? after = null) =>
        EventPages.Of("eu-1", events, new EventsQuery { Limit = limit, After = after }, []);

    private static LiveEvent At(int minute, string key) =>
        new(Web.Id, Web.Uid, "Normal", $"{minute}{key}", "", 1, null, Start.AddMinutes(minute), "test", key);
}
