using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Targets;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>What people read of one sync, and how much of it at most.</summary>
public sealed class SyncRunTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly SyncRun _run = RunOf("Open the shop");

    [Fact]
    public void Summary_NothingChanged_SaysSo()
    {
        Add(ApplyAction.Unchanged, "one");

        Assert.Equal("nothing to change", _run.Summary());
    }

    [Fact]
    public void Summary_OfAllActions_CountsEachButTheUnchanged()
    {
        foreach (var action in Enum.GetValues<ApplyAction>()) Add(action, action.ToString());
        Add(ApplyAction.Created, "one");

        Assert.Equal("2 created, 1 configured, 1 pruned, 1 skipped, 1 handed over, 1 failed, 1 detached, 1 held, 1 hooks succeeded, 1 hooks failed", _run.Summary());
    }

    [Fact]
    public void Done_OfObjects_CountsThoseThatAreInAFile()
    {
        Add(ApplyAction.Unchanged, "one");
        Add(ApplyAction.Failed, "two");
        _run.Add(IdOf("gone"), new WriteOutcome(ApplyAction.Pruned, null, null), position: null);

        Assert.Equal(2, _run.Done);
    }

    [Fact]
    public void FirstFailure_OfOne_NamesObjectAndReason()
    {
        Add(ApplyAction.Created, "one");
        Add(ApplyAction.Failed, "two", "it is full");

        Assert.True(_run.HasFailed);
        Assert.Equal("ConfigMap web/two: it is full", _run.FirstFailure());
    }

    [Fact]
    public void FirstFailure_OfThree_CountsTheOthers()
    {
        foreach (var name in new[] { "one", "two", "three" }) Add(ApplyAction.Failed, name, $"no {name}");

        Assert.Equal("ConfigMap web/one: no one (and 2 more)", _run.FirstFailure());
    }

    [Theory]
    [InlineData(ApplyAction.Created, true)]
    [InlineData(ApplyAction.Configured, true)]
    [InlineData(ApplyAction.Pruned, true)]
    [InlineData(ApplyAction.Unchanged, false)]
    [InlineData(ApplyAction.Skipped, false)]
    [InlineData(ApplyAction.Held, false)]
    public void Partial_BesideAFailure_WhatWasWritten(ApplyAction action, bool isPartial)
    {
        Add(action, "one");
        Add(ApplyAction.Failed, "two");

        Assert.Equal(isPartial, _run.IsPartial);
        Assert.Equal(isPartial, _run.Conditions(_time).Any(condition => condition.Type == ConditionTypes.PartiallyApplied));
    }

    [Fact]
    public void Conditions_OfASuccess_AreNone()
    {
        Add(ApplyAction.Created, "one");

        Assert.False(_run.HasFailed);
        Assert.Empty(_run.Conditions(_time));
    }

    [Fact]
    public void Conditions_OfAFailure_NameFileAndDocumentThenWhatWasDone()
    {
        Add(ApplyAction.Created, "one");
        Add(ApplyAction.Failed, "two", "it is full", document: 3);
        Add(ApplyAction.Failed, "three", message: null);

        Condition[] expected =
        [
            new() { Type = ConditionTypes.ApplyFailed, Message = "it is full", Object = IdOf("two"), Since = Now, File = "app/all.yaml", Document = 3 },
            new() { Type = ConditionTypes.ApplyFailed, Message = "failed", Object = IdOf("three"), Since = Now, File = "app/all.yaml", Document = 0 },
            new() { Type = ConditionTypes.PartiallyApplied, Message = "1 created, 2 failed; nothing is pruned until the sync succeeds", Since = Now },
        ];
        Assert.Equal(expected, _run.Conditions(_time));
    }

    [Fact]
    public void Conditions_OfAnObjectInNoFile_HaveNoPosition()
    {
        _run.Add(IdOf("gone"), WriteOutcome.Failed("forbidden"), position: null);

        Assert.Equal((null, null), (_run.Conditions(_time).Single().File, _run.Conditions(_time).Single().Document));
    }

    [Fact]
    public void Conditions_OfVeryManyObjects_AreFewAndOfEachKind()
    {
        Add(ApplyAction.Created, "created");
        for (var index = 0; index < 100; index++)
        {
            Add(ApplyAction.Failed, $"failed-{index:00}");
            _run.Notes.Add(new Condition { Type = ConditionTypes.SharedObject, Message = "shared", Object = IdOf($"shared-{index:00}") });
        }

        var conditions = _run.Conditions(_time);

        Assert.Equal(
            [(ConditionTypes.ApplyFailed, 20), (ConditionTypes.SharedObject, 20), (ConditionTypes.PartiallyApplied, 1)],
            conditions.CountBy(condition => condition.Type).Select(count => (count.Key, count.Value)));
        Assert.Equal(IdOf("failed-00"), conditions[0].Object);
        Assert.Equal("ConfigMap web/failed-00: no (and 99 more)", _run.FirstFailure());
    }

    [Fact]
    public void History_OfARun_SaysWhoWhatAndWhen()
    {
        Add(ApplyAction.Created, "one");
        Add(ApplyAction.Unchanged, "two");
        Add(ApplyAction.Failed, "three", "it is full");

        var view = _run.ToHistory("local", "PartiallyApplied", "it is full", Now.AddSeconds(5));

        Assert.Equal(
            ("op", "local", "abc", "Ada", "Open the shop", "commit", "PartiallyApplied", "it is full", Now, Now.AddSeconds(5)),
            (view.Id, view.Cluster, view.Revision, view.Author, view.Message, view.Trigger, view.Result, view.Error, view.Started, view.Finished));
        Assert.Equal(
            [("/ConfigMap:web/one", "Created", "no"), ("/ConfigMap:web/three", "Failed", "it is full")],
            view.Objects.Select(item => (item.Object, item.Action, item.Message)));
    }

    [Fact]
    public void History_OfVeryManyObjects_KeepsTheFirstTwoHundred()
    {
        for (var index = 0; index < 300; index++) Add(ApplyAction.Created, $"item-{index:000}");

        var objects = _run.ToHistory("local", "Succeeded", null, Now).Objects;

        Assert.Equal(Enumerable.Range(0, 200).Select(index => IdOf($"item-{index:000}").ToString()), objects.Select(item => item.Object));
    }

    [Theory]
    [InlineData(499, 499)]
    [InlineData(500, 500)]
    [InlineData(501, 500)]
    public void History_OfALongCommitMessage_IsCut(int length, int expected) =>
        Assert.Equal(new string('x', expected), RunOf(new string('x', length)).ToHistory("local", "Succeeded", null, Now).Message);

    [Fact]
    public void History_OfAMessageWithASignAcrossTheCut_CutsBeforeIt() =>
        Assert.Equal(new string('x', 499), RunOf(new string('x', 499) + "😀").ToHistory("local", "Succeeded", null, Now).Message);

    private void Add(ApplyAction action, string name, string? message = "no", int document = 0) =>
        _run.Add(IdOf(name), new WriteOutcome(action, null, message), new ManifestPosition("app/all.yaml", document));

    private static ResourceId IdOf(string name) => new("", "ConfigMap", "web", name);

    private static SyncRun RunOf(string message) => new(
        new TargetOperation { Id = "op", Started = Now }, new SyncOrder("1", SyncTriggers.Commit, Prune: false, Everything: false),
        new TargetDesired { Revision = new Revision { Commit = "abc", Author = "Ada", Message = message } });
}
