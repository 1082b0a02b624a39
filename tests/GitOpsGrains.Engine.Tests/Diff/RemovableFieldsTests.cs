using System.Text.Json;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Diff;

public sealed class RemovableFieldsTests
{
    [Theory]
    [InlineData("apps", "Deployment", "rogue", "f:spec f:paused", "/spec/paused")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:labels f:added", "/metadata/labels/added")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:nginx.ingress.kubernetes.io/snippet", "/metadata/annotations/nginx.ingress.kubernetes.io~1snippet")]
    [InlineData("", "Secret", "rogue", "f:data f:added", "/data/added")]
    [InlineData("", "Service", "rogue", "f:spec f:externalIPs", "/spec/externalIPs")]
    [InlineData("example.com", "Widget", "kubectl-edit", "f:spec f:size", "/spec/size")]
    // What controllers write of their own kinds.
    [InlineData("example.com", "Widget", "widget-operator", "f:spec f:size", "")]
    [InlineData("", "Pod", "rogue", "f:spec f:nodeSelector", "")]
    [InlineData("", "PersistentVolumeClaim", "rogue", "f:spec f:storageClassName", "")]
    [InlineData("", "PersistentVolume", "rogue", "f:spec f:capacity", "")]
    [InlineData("", "ServiceAccount", "rogue", "f:secrets", "")]
    [InlineData("", "Namespace", "rogue", "f:metadata f:labels f:added", "")]
    [InlineData("batch", "Job", "rogue", "f:spec f:selector", "")]
    [InlineData("", "Node", "rogue", "f:spec f:taints", "")]
    // Parts of Kubernetes.
    [InlineData("apps", "Deployment", "kube-controller-manager", "f:spec f:paused", "")]
    [InlineData("apps", "Deployment", "cloud-controller-manager", "f:spec f:paused", "")]
    [InlineData("apps", "Deployment", "acme-controller-manager", "f:spec f:paused", "")]
    [InlineData("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "cert-manager-cainjector", "f:x", "")]
    // Fields that autoscalers, servers and injectors fill in.
    [InlineData("apps", "Deployment", "rogue", "f:spec f:replicas", "")]
    [InlineData("", "Service", "rogue", "f:spec f:clusterIP", "")]
    [InlineData("", "Service", "rogue", "f:spec f:healthCheckNodePort", "")]
    [InlineData("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "rogue", "f:clientConfig f:caBundle", "")]
    [InlineData("apiextensions.k8s.io", "CustomResourceDefinition", "rogue", "f:spec f:conversion", "")]
    // Metadata and status of servers and controllers, and marks that are obeyed.
    [InlineData("apps", "Deployment", "rogue", "f:status f:x", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:finalizers", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:ownerReferences", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:generateName", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:deployment.kubernetes.io/revision", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:kubectl.kubernetes.io/restartedAt", "")]
    [InlineData("apps", "Deployment", "rogue", "f:spec f:template f:metadata f:annotations f:kubectl.kubernetes.io/restartedAt", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:argocd.argoproj.io/sync-options", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:gitopsgrains.io/deletion-approved", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:annotations f:helm.sh/resource-policy", "")]
    [InlineData("apps", "Deployment", "rogue", "f:metadata f:labels f:kustomize.toolkit.fluxcd.io/name", "")]
    public void Of_OneForeignField_IsRemovedOnlyWhereItMayBe(string group, string kind, string manager, string way, string pointer)
    {
        var live = With(group, kind, manager, way.Split(' '));

        Assert.Equal(pointer, string.Join(' ', RemovableFields.Differences(live, RemovableFields.Of(live), ValueMask.For(live.Id)).Select(difference => difference.Path)));
    }

    [Fact]
    public void Of_AnItemThatOthersAdded_GoesAsAWhole()
    {
        var live = Sidecar();

        var difference = Assert.Single(RemovableFields.Differences(live, RemovableFields.Of(live), ValueMask.For(live.Id)));

        Assert.Equal(new FieldDifference("/spec/template/spec/containers/0", """{"image":"s:1","name":"side"}""", null), difference);
    }

    [Fact]
    public void Of_AFieldThatAProtectedManagerOwnsToo_Stays() =>
        Assert.True(RemovableFields.Of(Live.Of(SidecarText("""
            ,{"manager":"kube-controller-manager","operation":"Update","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{"f:image":{}}}}}}}}
            """), "apps/v1", "Deployment")).IsEmpty);

    [Fact]
    public void Of_WhatIsIgnored_Stays()
    {
        var rules = IgnoreRules.Of([new Documents.IgnoreDifference { JqPathExpressions = [".spec.template.spec.containers[] | select(.name == \"side\")"] }]);
        var live = Sidecar();

        Assert.True(RemovableFields.Of(live, rules.For(live.Id)).IsEmpty);
    }

    [Theory]
    [InlineData("\"operation\":\"Update\",\"apiVersion\":\"apps/v1\"", "\"operation\":\"Update\",\"subresource\":\"scale\",\"apiVersion\":\"apps/v1\"")]
    [InlineData("\"operation\":\"Update\",\"apiVersion\":\"apps/v1\"", "\"operation\":\"Update\",\"apiVersion\":\"apps/v1beta1\"")]
    [InlineData("\"manager\":\"gitopsgrains\"", "\"manager\":\"somebody\"")]
    [InlineData("\"manager\":\"rogue\"", "\"manager\":\"gitopsgrains\"")]
    [InlineData("\"name\":\"web\"", "\"name\":\"web\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"")]
    public void Of_SubresourcesOtherVersionsAndObjectsThatAreNotOurs_IsEmpty(string old, string now) =>
        Assert.True(RemovableFields.Of(Live.Of(SidecarText("").Replace(old, now, StringComparison.Ordinal), "apps/v1", "Deployment")).IsEmpty);

    [Fact]
    public void Plan_MovesTheFieldsToUs_AndFencesThePatch()
    {
        var live = Sidecar();
        var patch = JsonElement.Parse(ForeignTakeOver.Plan(live, RemovableFields.Of(live)).Span);

        Assert.Equal(("/metadata/managedFields", "/metadata/resourceVersion", "7"), (patch[0].GetProperty("path").GetString(), patch[1].GetProperty("path").GetString(), patch[1].GetProperty("value").GetString()));
        var entries = patch[0].GetProperty("value");
        var ours = FieldSet.Parse(entries[0].GetProperty("fieldsV1"));
        Assert.True(ours.Contains("f:spec", "f:template", "f:spec", "f:containers", "k:{\"name\":\"side\"}", "f:image"));
        Assert.True(ours.Contains("f:spec", "f:template", "f:spec", "f:containers", "k:{\"name\":\"app\"}", "f:name"));
        Assert.Equal([".metadata.finalizers[=\"x\"]"], FieldSet.Parse(entries[1].GetProperty("fieldsV1")).LeafPaths());
        Assert.Equal(("rogue", "Update"), (entries[1].GetProperty("manager").GetString(), entries[1].GetProperty("operation").GetString()));
    }

    private static LiveObject Sidecar() => Live.Of(SidecarText(""), "apps/v1", "Deployment");

    private static string SidecarText(string more) => """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","resourceVersion":"7","finalizers":["x"],"managedFields":[
          {"manager":"gitopsgrains","operation":"Apply","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{}}}}}}}},
          {"manager":"rogue","operation":"Update","apiVersion":"apps/v1","fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"x\"":{}}},"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:name":{},"f:image":{}}}}}}}}MORE]},
         "spec":{"template":{"spec":{"containers":[{"name":"side","image":"s:1"},{"name":"app"}]}}}}
        """.Replace("MORE", more, StringComparison.Ordinal);

    /// <summary>An object of ours with one more field, which the manager updated.</summary>
    private static LiveObject With(string group, string kind, string manager, string[] way)
    {
        var version = group.Length == 0 ? "v1" : group + "/v1";
        var fields = way.Reverse().Aggregate("{}", (inner, step) => $"{{{JsonSerializer.Serialize(step)}:{inner}}}");
        var value = way.Skip(way[0] == "f:metadata" ? 1 : 0).Reverse().Aggregate("\"x\"", (inner, step) => $"{{{JsonSerializer.Serialize(step[2..])}:{inner}}}");
        var (metadata, rest) = way[0] == "f:metadata" ? ("," + value[1..^1], "") : ("", "," + value[1..^1]);
        const string ours = "{\"f:spec\":{\"f:ours\":{}}}";
        var text = $"{{\"apiVersion\":\"{version}\",\"kind\":\"{kind}\",\"metadata\":{{\"name\":\"web\",\"resourceVersion\":\"7\"{metadata},\"managedFields\":["
            + $"{{\"manager\":\"gitopsgrains\",\"operation\":\"Apply\",\"apiVersion\":\"{version}\",\"fieldsV1\":{ours}}},"
            + $"{{\"manager\":\"{manager}\",\"operation\":\"Update\",\"apiVersion\":\"{version}\",\"fieldsV1\":{fields}}}]}}{rest}}}";
        return Live.Of(text, version, kind);
    }
}
