using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Health;

public sealed class HealthAssessorTests
{
    private static readonly ObjectHealth Scripted = new(HealthStatus.Suspended, "by script");
    private readonly HealthAssessor _health = new(new ConfigMapScript());

    [Fact]
    public void Assess_KindWithAScript_AsksTheScript()
    {
        Assert.Equal(Scripted, _health.Assess(Live.Of("""{"metadata":{"name":"x"}}""")));
        Assert.True(_health.NeedsFullWatch("", "ConfigMap"));
    }

    [Fact]
    public void Assess_KindWithoutAScript_FollowsTheBuiltInRule()
    {
        Assert.Equal(HealthStatus.Degraded, _health.Assess(Live.Of("""{"metadata":{"name":"x"},"status":{"phase":"Lost"}}""", "v1", "PersistentVolumeClaim"))?.Status);
        Assert.Null(_health.Assess(Live.Of("""{"metadata":{"name":"x"}}""", "v1", "Secret")));
        Assert.False(_health.NeedsFullWatch("", "Secret"));
    }

    [Fact]
    public void Assess_ObjectBeingDeleted_IsPendingDeletionWhateverTheScriptSays() =>
        Assert.Equal(ObjectHealth.PendingDeletion, _health.Assess(Live.Of("""{"metadata":{"name":"x","deletionTimestamp":"2026-01-01T00:00:00Z"}}""")));

    [Fact]
    public void ObservedObject_OfMetadataAlone_HasNoHealth()
    {
        var live = Live.Of(Live.ConfigMap);

        Assert.Equal(Scripted, ObservedObject.From(live, full: true, _health).Health);
        Assert.Null(ObservedObject.From(live, full: false, _health).Health);
        Assert.Null(ObservedObject.From(live, full: true, health: null).Health);
    }

    [Fact]
    public void Assess_HealthyObjectWithoutScripts_AllocatesNothingForItsHealth()
    {
        var live = Live.Of(Live.Deployment, "apps/v1", "Deployment");
        HealthAssessor.BuiltIn.Assess(live);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) HealthAssessor.BuiltIn.Assess(live);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 32);
    }

    private sealed class ConfigMapScript : IHealthScripts
    {
        public bool Covers(string group, string kind) => (group, kind) == ("", "ConfigMap");

        public ObjectHealth? Assess(LiveObject live) => Scripted;
    }
}
