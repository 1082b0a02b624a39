using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>Which errors of a dry run stop a sync, and which the sync itself may cure.</summary>
public sealed class PreflightTests
{
    private const string Quota = """pods "a" is forbidden: exceeded quota: small, requested: pods=2, used: pods=1, limited: pods=2""";
    private const string Webhook = """Internal error occurred: failed calling webhook "check.example.com": Post "https://check.hooks.svc:443/": dial tcp: connect: connection refused""";
    private const string Denied = """admission webhook "check.example.com" denied the request: no""";
    private const string Schema = """failed to create typed patch object: .spec.newField: field not declared in schema""";

    private static readonly ResourceId Config = new("", "ConfigMap", "shop", "c");
    private static readonly ResourceId Thing = new("e.com", "Thing", "shop", "t");
    private static readonly ResourceId Binding = new("rbac.authorization.k8s.io", "RoleBinding", "shop", "b");

    public static TheoryData<string, ResourceId, RefusalKind, string, ResourceId, int, int, Deferral?> Cures => new()
    {
        { "its definition, in the same wave", Thing, RefusalKind.KindUnknown, "no such kind", new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com"), 0, 0, Deferral.ToItsStep },
        { "its definition, which now has the field", Thing, RefusalKind.Invalid, Schema, new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com"), 0, 0, Deferral.ToItsStep },
        { "its definition, later", Thing, RefusalKind.KindUnknown, "no such kind", new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com"), 1, 0, null },
        { "a definition of another group", Thing, RefusalKind.KindUnknown, "no such kind", new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.f.com"), 0, 0, null },
        { "its namespace", Config, RefusalKind.NotFound, """namespaces "shop" not found""", new("", "Namespace", "", "shop"), 0, 0, Deferral.ToItsStep },
        { "another namespace", Config, RefusalKind.NotFound, """namespaces "shop" not found""", new("", "Namespace", "", "other"), 0, 0, null },
        { "the role that it binds", Binding, RefusalKind.NotFound, """roles.rbac.authorization.k8s.io "reader" not found""", new("rbac.authorization.k8s.io", "Role", "shop", "reader"), 0, 0, Deferral.ToItsStep },
        { "another role", Binding, RefusalKind.NotFound, """roles.rbac.authorization.k8s.io "reader" not found""", new("rbac.authorization.k8s.io", "Role", "shop", "read"), 0, 0, null },
        { "a larger quota", Config, RefusalKind.Forbidden, Quota, new("", "ResourceQuota", "shop", "small"), 0, 0, Deferral.ToItsStep },
        { "a quota elsewhere", Config, RefusalKind.Forbidden, Quota, new("", "ResourceQuota", "other", "small"), 0, 0, null },
        { "the webhook's configuration, in the same wave", Config, RefusalKind.WebhookFailed, Webhook, new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "check"), 0, 0, Deferral.ToTheEndOfItsStep },
        { "the webhook's configuration, in an earlier wave", Config, RefusalKind.WebhookFailed, Webhook, new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "check"), 0, 1, Deferral.ToItsStep },
        { "the webhook's configuration, in a later wave", Config, RefusalKind.WebhookFailed, Webhook, new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "check"), 1, 0, null },
        { "any workload, of a webhook that does not answer", Config, RefusalKind.WebhookFailed, Webhook, new("apps", "Deployment", "hooks", "check"), 0, 0, Deferral.ToTheEndOfItsStep },
        { "a webhook's configuration, of one that said no", Config, RefusalKind.Invalid, Denied, new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "check"), 0, 0, Deferral.ToTheEndOfItsStep },
        { "a workload, of a webhook that said no", Config, RefusalKind.Invalid, Denied, new("apps", "Deployment", "hooks", "check"), 0, 0, null },
        { "nothing that has to do with it", Config, RefusalKind.Invalid, "data: Invalid value", new("", "Secret", "shop", "s"), 0, 0, null },
    };

    [Theory]
    [MemberData(nameof(Cures))]
    public void Decide_RefusalBesideACure_DefersOrBlocks(string cure, ResourceId refused, RefusalKind kind, string message, ResourceId other, int otherWave, int ownWave, Deferral? expected)
    {
        var (own, curer) = (Apply(refused), Apply(other));
        var steps = ownWave == otherWave ? [Step(ownWave, own, curer)] : new[] { Step(ownWave, own), Step(otherWave, curer) }.OrderBy(step => step.Wave).ToArray();

        var verdict = Preflight.Decide(steps, [new Refusal(own, kind, message)]);

        Assert.NotEmpty(cure);
        Assert.Equal(expected is null ? [refused] : [], verdict.Blocking.Select(refusal => refusal.Apply.Desired.Id));
        Assert.Equal(expected is { } deferral ? [(refused, deferral)] : [], verdict.Deferred.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Decide_OneOfTwoWithoutCure_BlocksThatOne()
    {
        var (config, thing, definition) = (Apply(Config), Apply(Thing), Apply(new("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com")));

        var verdict = Preflight.Decide(
            [Step(0, config, thing, definition)], [new Refusal(config, RefusalKind.Invalid, "wrong"), new Refusal(thing, RefusalKind.KindUnknown, "no such kind")]);

        Assert.Equal([Config], verdict.Blocking.Select(refusal => refusal.Apply.Desired.Id));
        Assert.Equal([Thing], verdict.Deferred.Keys);
    }

    [Fact]
    public void Decide_ObjectOfSomebodyElse_IsCuredByNothing()
    {
        var (config, definition) = (Apply(Config), Apply(new ResourceId("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.e.com")));

        var verdict = Preflight.Decide(
            [Step(0, Apply(new("", "Namespace", "", Config.Namespace)), definition), Step(1, config)], [new Refusal(config, RefusalKind.NotOurs, "belongs to the installation 'other'; \"shop\" not found")]);

        Assert.Equal([Config], verdict.Blocking.Select(refusal => refusal.Apply.Desired.Id));
        Assert.Empty(verdict.Deferred);
    }

    [Theory]
    [InlineData("spec.ports[0].port: Duplicate value", Deferral.ToItsWrite)]
    [InlineData("spec.selector: Invalid value: field is immutable", null)]
    public void Decide_InvalidBesideFieldsOfOthers_IsLeftToTheWriteUnlessImmutable(string message, Deferral? expected)
    {
        var service = Apply(new("", "Service", "shop", "s"));

        var verdict = Preflight.Decide([Step(0, service)], [new Refusal(service, RefusalKind.Invalid, message, IsCuredByTakeOver: true)]);

        Assert.Equal(expected, verdict.Deferred.TryGetValue(service.Desired.Id, out var when) ? when : null);
        Assert.Equal(expected is null ? 1 : 0, verdict.Blocking.Count);
    }

    [Theory]
    [InlineData(SyncPhase.PreSync, Deferral.ToItsStep)]
    [InlineData(SyncPhase.PostSync, null)]
    public void Decide_RefusalBesideAHookThatMakesItsNamespace_DefersWhereTheHookComesFirst(SyncPhase phase, Deferral? expected)
    {
        var config = Apply(Config);
        var namespaceHook = new DesiredHook(
            new ResourceId("", "Namespace", "", "shop"), new HookPolicy([phase], HookDeletion.BeforeHookCreation, []), 0, null,
            new ManifestObject(new ResourceId("", "Namespace", "", "shop"), "v1", "{}"u8.ToArray(), Digest.Of("n"), new ManifestPosition("f", 1)), new TrackingOwner("default", "shop", "web"));
        SyncStep[] steps = [Step(0, config), new SyncStep(phase, 0, [], [[namespaceHook]], [])];

        var verdict = Preflight.Decide([.. steps.OrderBy(step => step.Phase)], [new Refusal(config, RefusalKind.NotFound, """namespaces "shop" not found""")]);

        Assert.Equal(expected, verdict.Deferred.TryGetValue(Config, out var when) ? when : null);
        Assert.Equal(expected is null ? 1 : 0, verdict.Blocking.Count);
    }

    private static SyncStep Step(int wave, params PlannedApply[] applies) => new(SyncPhase.Sync, wave, [new ApplyStage(wave, applies, false)], [], []);

    private static PlannedApply Apply(ResourceId id) => new(
        new DesiredObject(id, "v1", ReadOnlyMemory<byte>.Empty, Digest.Of(id.ToString()), new ManifestPosition("f", 0), new Dictionary<string, string>()),
        ApplyReason.Create, Engine.Diff.ProofQuestion.None, null);
}
