using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Engine.Tests.Plan;

public sealed class RestorationTests
{
    [Theory]
    [InlineData(ApplyAction.Configured, "old", "new", true, false)]
    [InlineData(ApplyAction.Configured, "same", "same", false, false)]
    [InlineData(ApplyAction.Configured, null, "new", false, true)]
    [InlineData(ApplyAction.Created, null, "new", false, true)]
    [InlineData(ApplyAction.Created, "old", "new", false, true)]
    [InlineData(ApplyAction.Unchanged, "old", "new", false, false)]
    [InlineData(ApplyAction.Failed, "old", "new", false, false)]
    [InlineData(ApplyAction.Skipped, "old", "new", false, false)]
    [InlineData(ApplyAction.Pruned, "old", null, false, false)]
    public void Of_WhatASyncDid_IsTakenBackWhereItChangedAManifest(ApplyAction action, string? before, string? after, bool isRestored, bool isLeft)
    {
        var restoration = Of([Touched("a", action)], after is null ? [] : [Object("a", after)], before is null ? [] : [Object("a", before)]);

        Assert.Equal((isRestored ? 1 : 0, isLeft ? 1 : 0), (restoration.Count, restoration.Left.Count));
        Assert.Equal(!isRestored, restoration.IsEmpty);
        Assert.Equal(action == ApplyAction.Pruned ? 1 : 0, restoration.Gone.Count);
        if (isRestored) Assert.Equal(Digest.Of("old"), restoration.Steps[0][0].Hash);
    }

    [Fact]
    public void Of_SeveralKinds_TakesBackTheLastFirst()
    {
        var names = new[] { "a", "b", "c" };
        TouchedObject[] touched = [Touched("a", ApplyAction.Configured), Touched("b", ApplyAction.Configured), Touched("c", ApplyAction.Configured, "Secret"), Touched("c", ApplyAction.Configured, "Secret")];

        var restoration = Of(touched, [], [.. names.Select(name => Object(name, "old", name == "c" ? "Secret" : "ConfigMap"))]);

        Assert.Equal(["c", "b,a"], restoration.Steps.Select(step => string.Join(",", step.Select(item => item.Id.Name))));
    }

    [Theory]
    [InlineData("kustomize.toolkit.fluxcd.io/ssa", "IfNotPresent")]
    [InlineData("kustomize.toolkit.fluxcd.io/reconcile", "disabled")]
    public void Of_ObjectThatWasLeftAloneBefore_IsLeftAloneAgain(string name, string value) => Assert.True(Of(
        [Touched("a", ApplyAction.Configured)], [], [Object("a", "old") with { Annotations = new Dictionary<string, string> { [name] = value } }]).IsEmpty);

    private static Restoration Of(IReadOnlyList<TouchedObject> touched, IReadOnlyList<DesiredObject> failed, IReadOnlyList<DesiredObject> previous) =>
        Restoration.Of(touched, failed, previous, SyncOptionSet.None);

    private static TouchedObject Touched(string name, ApplyAction action, string kind = "ConfigMap") => new(new ResourceId("", kind, "web", name), action);

    private static DesiredObject Object(string name, string manifest, string kind = "ConfigMap") =>
        new(new ResourceId("", kind, "web", name), "v1", Encoding.UTF8.GetBytes("{}"), Digest.Of(manifest), default, new Dictionary<string, string>());
}
