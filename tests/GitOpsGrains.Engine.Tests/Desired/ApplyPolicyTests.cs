using System.Text;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Desired;

public sealed class ApplyPolicyTests
{
    private const string Argo = "argocd.argoproj.io/sync-options";
    private const string Flux = "kustomize.toolkit.fluxcd.io/";
    private const string Own = "gitopsgrains.io/";

    [Theory]
    [InlineData("", "", "", ApplyStrategy.Apply, false)]
    [InlineData(Argo, "Replace=true", "", ApplyStrategy.Replace, false)]
    [InlineData(Argo, "Replace=true,Force=true", "", ApplyStrategy.Recreate, true)]
    [InlineData(Argo, "Force=true", "", ApplyStrategy.Apply, true)]
    [InlineData(Argo, "Force=true", "Replace=true", ApplyStrategy.Recreate, true)]
    [InlineData(Argo, "Replace=false", "Replace=true", ApplyStrategy.Apply, false)]
    [InlineData("", "", "Replace=true", ApplyStrategy.Replace, false)]
    [InlineData(Own + "sync-options", "Replace=true", "", ApplyStrategy.Replace, false)]
    [InlineData(Flux + "ssa", "Override", "", ApplyStrategy.Apply, false)]
    [InlineData(Flux + "ssa", "Merge", "", ApplyStrategy.Merge, false)]
    [InlineData(Flux + "ssa", "IfNotPresent", "", ApplyStrategy.IfNotPresent, false)]
    [InlineData(Flux + "ssa", "Ignore", "", ApplyStrategy.Ignore, false)]
    [InlineData(Flux + "ssa", "ignore", "Replace=true", ApplyStrategy.Ignore, false)]
    [InlineData(Flux + "ssa", "Sometimes", "", ApplyStrategy.Apply, false)]
    [InlineData(Flux + "reconcile", "disabled", "", ApplyStrategy.Ignore, false)]
    [InlineData(Flux + "reconcile", "enabled", "", ApplyStrategy.Apply, false)]
    [InlineData(Flux + "force", "enabled", "", ApplyStrategy.Apply, true)]
    [InlineData(Flux + "force", "disabled", "", ApplyStrategy.Apply, false)]
    [InlineData(Own + "ssa", "Merge", "", ApplyStrategy.Merge, false)]
    [InlineData(Own + "reconcile", "disabled", "", ApplyStrategy.Ignore, false)]
    [InlineData(Own + "force", "enabled", "", ApplyStrategy.Apply, true)]
    public void Of_AnnotationAndOption_IsThePolicy(string name, string value, string option, ApplyStrategy strategy, bool force)
    {
        var policy = ApplyPolicy.Of(Annotations(name, value), new SyncOptionSet(option.Length > 0 ? [option] : []));

        Assert.Equal((strategy, force), (policy.Strategy, policy.ForceOnImmutable));
    }

    [Fact]
    public void Of_OwnNameBesideFluxs_OwnCounts() => Assert.Equal(
        ApplyStrategy.Apply,
        ApplyPolicy.Of(new Dictionary<string, string> { [Own + "ssa"] = "Override", [Flux + "ssa"] = "Ignore" }, SyncOptionSet.None).Strategy);

    [Theory]
    [InlineData("reconcile", "disabled", "kustomize.toolkit.fluxcd.io/reconcile: disabled")]
    [InlineData("ssa", "IfNotPresent", "kustomize.toolkit.fluxcd.io/ssa: IfNotPresent")]
    [InlineData("ssa", "Merge", null)]
    public void Reason_OfWhatIsLeftAlone_NamesTheAnnotation(string name, string value, string? reason) =>
        Assert.Equal(reason, ApplyPolicy.Of(Annotations(Flux + name, value), SyncOptionSet.None).Reason);

    [Theory]
    [InlineData(Flux + "reconcile", "disabled", ApplyStrategy.Ignore, false)]
    [InlineData(Flux + "ssa", "Ignore", ApplyStrategy.Ignore, false)]
    [InlineData(Flux + "force", "enabled", ApplyStrategy.Apply, true)]
    [InlineData(Argo, "Replace=true", ApplyStrategy.Replace, false)]
    [InlineData(Argo, "Force=true,Replace=true", ApplyStrategy.Recreate, true)]
    [InlineData(Flux + "ssa", "IfNotPresent", ApplyStrategy.Apply, false)]
    [InlineData(Flux + "ssa", "Merge", ApplyStrategy.Apply, false)]
    public void LivePolicy_AnnotationOfSomebodyElse_Counts(string name, string value, ApplyStrategy strategy, bool force)
    {
        var policy = LivePolicy.Of(default, Object(name, value, owned: false));

        Assert.Equal((strategy, force), (policy.Strategy, policy.ForceOnImmutable));
    }

    [Fact]
    public void LivePolicy_AnnotationThatWeWroteAndGitDropped_CountsNoMore() =>
        Assert.Equal(default, LivePolicy.Of(default, Object(Flux + "reconcile", "disabled", owned: true)));

    [Fact]
    public void LivePolicy_Ignore_SaysThatItIsOnTheLiveObject() => Assert.Equal(
        "kustomize.toolkit.fluxcd.io/reconcile: disabled on the live object",
        LivePolicy.Of(default, Object(Flux + "reconcile", "disabled", owned: false)).Reason);

    [Theory]
    [InlineData("", "Namespace", true, "a Namespace is never deleted to be made again")]
    [InlineData("", "PersistentVolume", true, "a PersistentVolume is never deleted to be made again")]
    [InlineData("", "PersistentVolumeClaim", true, "a PersistentVolumeClaim is never deleted to be made again")]
    [InlineData("apiextensions.k8s.io", "CustomResourceDefinition", true, "a CustomResourceDefinition is never deleted to be made again")]
    [InlineData("batch", "Job", true, null)]
    [InlineData("batch", "Job", false, "it is not this application's yet, so it is not deleted to be made again")]
    public void RecreateRules_KindAndOwner_Decide(string group, string kind, bool isOurs, string? refusal) =>
        Assert.Equal(refusal, Refusal(group, kind, isOurs ? "web" : "other", "a", "b"));

    [Theory]
    [InlineData("argocd.argoproj.io/sync-options", "Prune=false", "its annotation says sync-options: Prune=false, so it is not deleted to be made again")]
    [InlineData("argocd.argoproj.io/sync-options", "Delete=false", "its annotation says sync-options: Delete=false, so it is not deleted to be made again")]
    [InlineData("argocd.argoproj.io/sync-options", "Prune=confirm", "its annotation asks for confirmation before it is deleted, so it is not deleted to be made again")]
    [InlineData("helm.sh/resource-policy", "keep", "its annotation says helm.sh/resource-policy: keep, so it is not deleted to be made again")]
    [InlineData("kustomize.toolkit.fluxcd.io/prune", "disabled", "its annotation says kustomize.toolkit.fluxcd.io/prune: disabled, so it is not deleted to be made again")]
    public void RecreateRules_KeepOnTheLiveObject_Refuses(string name, string value, string refusal) =>
        Assert.Equal(refusal, Refusal("batch", "Job", "web", name, value));

    private static string? Refusal(string group, string kind, string application, string annotation, string value)
    {
        var api = group.Length == 0 ? "v1" : $"{group}/v1";
        var live = Live.Of($$$"""
            {"metadata":{"name":"a","annotations":{"{{{annotation}}}":"{{{value}}}","gitopsgrains.io/target":"default/shop/{{{application}}}:{{{group}}}/{{{kind}}}:/a"} } }
            """, api, kind);
        var desired = new DesiredObject(live.Id, api, Encoding.UTF8.GetBytes("{}"), default, default, new Dictionary<string, string>());
        return RecreateRules.Refusal(desired, live, new TrackingOwner("default", "shop", "web"));
    }

    private static Dictionary<string, string> Annotations(string name, string value) => name.Length == 0 ? [] : new() { [name] = value };

    private static LiveObject Object(string name, string value, bool owned) => Live.Of($$$"""
        {"metadata":{"name":"a","annotations":{"{{{name}}}":"{{{value}}}"},"managedFields":[
          {"manager":"{{{(owned ? "gitopsgrains" : "kubectl-annotate")}}}","operation":"{{{(owned ? "Apply" : "Update")}}}","apiVersion":"v1","fieldsV1":{"f:metadata":{"f:annotations":{"f:{{{name}}}":{} } } } }]} }
        """);
}
