using System.Net;
using System.Text.Json.Nodes;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Deployment.Tests.Kubernetes;

/// <summary>The manifests on a real API server, which refuses fields that it does not know (server-side apply; newer ones by strict validation too).</summary>
public sealed class ApiServerTests(ApiServerFixture fixture) : IClassFixture<ApiServerFixture>
{
    /// <summary>What older servers call it; the fields that are used have the same names.</summary>
    private static readonly (string ApiVersion, int Since, string Before)[] Younger = [("policy/v1", 21, "policy/v1beta1"), ("autoscaling/v2", 23, "autoscaling/v2beta2")];

    public static TheoryData<string, bool> Variants => new(Rendered.Kinds.Keys.SelectMany(static kind => new[] { (kind, true), (kind, false) }));

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Objects_AreTakenByTheServer(string kind, bool byChart)
    {
        var items = byChart ? await Rendered.ChartAsync("--set", $"storage.kind={Rendered.Kinds[kind]},inCluster=true") : await Rendered.OverlayAsync(kind);
        var space = await NewSpaceAsync($"{kind}-{(byChart ? "chart" : "base")}");

        foreach (var item in items.Where(static item => Rendered.Text(item["kind"]) != "Namespace")) await ApplyAsync(item, space);

        foreach (var workload in items.Of("StatefulSet", "Deployment")) await TakesPodAsync(workload, space);
        var claims = await fixture.Server.Client.GetJsonAsync($"/api/v1/namespaces/{space}/persistentvolumeclaims");
        Assert.Equal(kind == "single" ? 0 : 1, claims.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MonitoringAndTls_AreTakenByTheServer(bool byChart)
    {
        await DefineAsync();
        var items = byChart
            ? await Rendered.ChartAsync("--set", "monitoring.enabled=true,tls.enabled=true,tls.certManager.issuer=gitopsgrains")
            : await Rendered.WithComponentsAsync("azure", "monitoring", "tls", "cert-manager");
        var space = await NewSpaceAsync(byChart ? "more-chart" : "more-base");

        foreach (var item in items.Where(static item => Rendered.Text(item["kind"]) != "Namespace")) await ApplyAsync(item, space);

        foreach (var workload in items.Of("StatefulSet", "Deployment")) await TakesPodAsync(workload, space);
        foreach (var (group, plural, count) in new[] { ("monitoring.coreos.com", "podmonitors", 1), ("monitoring.coreos.com", "prometheusrules", 1), ("cert-manager.io", "certificates", 2) })
            Assert.Equal(count, (await fixture.Server.Client.GetJsonAsync($"/apis/{group}/v1/namespaces/{space}/{plural}")).GetProperty("items").GetArrayLength());
    }

    private async Task DefineAsync()
    {
        foreach (var definition in Definitions.All)
        {
            var (name, spec) = (Rendered.Text(definition["metadata"]!["name"]), definition["spec"]!);
            await fixture.Server.Client.ApplyAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}", definition.ToJsonString(), "gitopsgrains-tests");
            await Eventually.TrueAsync(
                async () => await fixture.Server.Client.GetStatusAsync($"/apis/{Rendered.Text(spec["group"])}/v1/{Rendered.Text(spec["names"]!["plural"])}") == HttpStatusCode.OK, $"{name} to be served");
        }
    }

    [Theory]
    [InlineData("Deployment", "restrt")]
    [InlineData("NetworkPolicy", "ingres")]
    [InlineData("PodMonitor", "podMetricsEndpoint")]
    [InlineData("Certificate", "dnsName")]
    public async Task Objects_WithAFieldThatDoesNotExist_AreRefused(string kind, string field)
    {
        await DefineAsync();
        var item = (await Rendered.WithComponentsAsync("azure", "monitoring", "tls", "cert-manager")).Of(kind).First();
        item["spec"]![field] = "x";
        var space = await NewSpaceAsync("wrong");

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(item, space));

        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    private async Task<string> NewSpaceAsync(string prefix)
    {
        var space = await fixture.NewNamespaceAsync(prefix);
        await fixture.Server.Client.PatchAsync($"/api/v1/namespaces/{space}", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}""");
        return space;
    }

    private async Task ApplyAsync(JsonObject item, string space)
    {
        var version = Rendered.Text(item["apiVersion"])!;
        foreach (var (apiVersion, since, before) in Younger)
            if (version == apiVersion && fixture.Server.MinorVersion < since) item["apiVersion"] = version = before;
        var place = Rendered.Text(item["metadata"]!["namespace"]);
        if (place == "gitopsgrains") item["metadata"]!["namespace"] = place = space;
        var plural = Rendered.Text(item["kind"])!.ToLowerInvariant() switch { var kind when kind.EndsWith('y') => $"{kind[..^1]}ies", var kind => $"{kind}s" };
        var group = version.Contains('/', StringComparison.Ordinal) ? $"/apis/{version}" : $"/api/{version}";
        await fixture.Server.Client.ApplyAsync($"{group}{(place is null ? "" : $"/namespaces/{place}")}/{plural}/{Rendered.Text(item["metadata"]!["name"])}", item.ToJsonString(), "gitopsgrains-tests");
    }

    /// <summary>A workload's pods are looked at only when they are made, and by newer servers for the namespace's profile too.</summary>
    private async Task TakesPodAsync(JsonObject workload, string space)
    {
        var template = workload["spec"]!["template"]!;
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "probe", ["labels"] = template["metadata"]!["labels"]!.DeepClone() },
            ["spec"] = template["spec"]!.DeepClone(),
        };
        // A claim's volume is the controller's to add.
        if (workload["spec"]!["volumeClaimTemplates"] is not null) pod["spec"]!["volumes"]!.AsArray().Add(new JsonObject { ["name"] = "data", ["emptyDir"] = new JsonObject() });
        var made = await fixture.Server.Client.PostAsync($"/api/v1/namespaces/{space}/pods?dryRun=All", pod.ToJsonString());
        Assert.Equal(template["spec"]!["terminationGracePeriodSeconds"]!.GetValue<int>(), made.GetProperty("spec").GetProperty("terminationGracePeriodSeconds").GetInt32());
    }
}
