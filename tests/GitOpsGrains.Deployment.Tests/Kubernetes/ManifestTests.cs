using System.Text.Json.Nodes;

namespace GitOpsGrains.Deployment.Tests.Kubernetes;

/// <summary>What the manifests promise, of each overlay and of the chart.</summary>
public sealed class ManifestTests
{
    private static readonly string[] AllowedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static TheoryData<string> Overlays => [.. Rendered.Kinds.Keys];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Chart_SameKindOfStorage_GivesTheObjectsOfTheOverlay(string overlay) =>
        AssertSame(await Rendered.OverlayAsync(overlay), await Rendered.ChartAsync("--set", $"storage.kind={Rendered.Kinds[overlay]}"));

    [Theory]
    [InlineData("inCluster=true", "in-cluster")]
    [InlineData("monitoring.enabled=true", "monitoring")]
    [InlineData("tls.enabled=true", "tls")]
    [InlineData("tls.enabled=true,tls.certManager.issuer=gitopsgrains", "tls", "cert-manager")]
    public async Task Chart_WithAValue_GivesTheObjectsOfTheComponents(string value, params string[] components)
    {
        var plain = (await Rendered.ChartAsync()).Select(Rendered.IdOf);
        var chart = await Rendered.ChartAsync("--set", value);
        AssertSame(await Rendered.WithComponentsAsync("azure", components), chart);
        Assert.Empty(plain.Except(chart.Select(Rendered.IdOf)));
    }

    [Theory]
    [InlineData("azure")]
    [InlineData("single")]
    public async Task Tls_OfSilosAndGateways_IsMountedWhereItsSettingsSay(string overlay)
    {
        var items = await Rendered.WithComponentsAsync(overlay, "tls", "cert-manager");
        foreach (var (kind, component, section) in new[] { ("StatefulSet", "silo", "Silo"), ("Deployment", "gateway", "Gateway") })
        {
            var pod = items.One(kind, $"gitopsgrains-{component}")["spec"]!["template"]!["spec"]!.AsObject();
            Assert.Null(RestrictedFault(pod));
            var volume = Assert.Single(pod["volumes"]!.AsArray(), volume => Rendered.Text(volume!["name"]) == "tls");
            Assert.Equal(Rendered.Text(items.One("Certificate", $"gitopsgrains-{component}")["spec"]!["secretName"]), Rendered.Text(volume!["secret"]!["secretName"]));
            var mount = Assert.Single(pod["containers"]![0]!["volumeMounts"]!.AsArray(), mount => Rendered.Text(mount!["name"]) == "tls");
            Assert.True(mount!["readOnly"]!.GetValue<bool>());
            var settings = items.One("ConfigMap", $"gitopsgrains-{component}")["data"]!.AsObject();
            foreach (var (setting, file) in new[] { ("CertificateFile", "tls.crt"), ("KeyFile", "tls.key"), ("CaFile", "ca.crt") })
                Assert.Equal($"{Rendered.Text(mount["mountPath"])}/{file}", Rendered.Text(settings[$"GITOPSGRAINS__{section}__Tls__{setting}"]));
            Assert.All(DeployedFiles.Settings(settings.ToJsonString()), static name => Assert.Null(DeployedFiles.FindUnknown(name)));
        }
        // A gateway is nobody's server.
        Assert.DoesNotContain("server auth", items.One("Certificate", "gitopsgrains-gateway").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitoring_FindsThePodsAndIsLetIn()
    {
        var items = await Rendered.WithComponentsAsync("azure", "monitoring");
        var monitor = items.One("PodMonitor", "gitopsgrains")["spec"]!;
        var chosen = Assert.Single(monitor["selector"]!["matchExpressions"]!.AsArray())!;
        Assert.Equal(["silo", "gateway"], chosen["values"]!.AsArray().Select(Rendered.Text));
        var port = Rendered.Text(Assert.Single(monitor["podMetricsEndpoints"]!.AsArray())!["port"]);
        foreach (var (kind, component, policy) in new[] { ("StatefulSet", "silo", "gitopsgrains-silo-metrics"), ("Deployment", "gateway", "gitopsgrains-gateway") })
        {
            var template = items.One(kind, $"gitopsgrains-{component}")["spec"]!["template"]!;
            Assert.All(monitor["selector"]!["matchLabels"]!.AsObject(), label => Assert.Equal(Rendered.Text(label.Value), Rendered.Text(template["metadata"]!["labels"]![label.Key])));
            Assert.Equal(component, Rendered.Text(template["metadata"]!["labels"]![Rendered.Text(chosen["key"])!]));
            var number = Assert.Single(template["spec"]!["containers"]![0]!["ports"]!.AsArray(), item => Rendered.Text(item!["name"]) == port)!["containerPort"]!.GetValue<int>();
            var rules = items.One("NetworkPolicy", policy)["spec"]!["ingress"]!.AsArray();
            Assert.Contains(rules.SelectMany(static rule => rule!["ports"]!.AsArray()), open => open!["port"]!.GetValue<int>() == number);
        }
        var from = Assert.Single(Assert.Single(items.One("NetworkPolicy", "gitopsgrains-silo-metrics")["spec"]!["ingress"]!.AsArray())!["from"]!.AsArray());
        Assert.Equal("monitoring", Rendered.Text(from!["namespaceSelector"]!["matchLabels"]!["kubernetes.io/metadata.name"]));
        Assert.DoesNotContain(await Rendered.ChartAsync("--set", "monitoring.enabled=true,networkPolicy=false"), static item => Rendered.Text(item["kind"]) == "NetworkPolicy");
    }

    // The chart leaves the namespace to whoever installs it.
    private static void AssertSame(IEnumerable<JsonObject> overlay, IEnumerable<JsonObject> chart)
    {
        var expected = overlay.Where(static item => Rendered.Text(item["kind"]) != "Namespace").ToDictionary(Rendered.IdOf, Meaning);
        var actual = chart.ToDictionary(Rendered.IdOf, Meaning);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (id, item) in expected) Assert.Equal($"{id}\n{item}", $"{id}\n{actual[id]}");
    }

    [Fact]
    public async Task Chart_ByDefault_IsTheAzureOverlay() =>
        Assert.Equal((await Rendered.ChartAsync("--set", "storage.kind=AzureStorage")).Select(Meaning), (await Rendered.ChartAsync()).Select(Meaning));

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_MeetTheRestrictedProfile(string overlay)
    {
        var items = await Rendered.OverlayAsync(overlay);
        Assert.Equal("restricted", Rendered.Text(items.One("Namespace", "gitopsgrains")["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]));
        var pods = items.Of("StatefulSet", "Deployment").Select(static item => item["spec"]!["template"]!["spec"]!.AsObject()).ToArray();
        Assert.Equal(2, pods.Length);
        foreach (var pod in pods)
        {
            Assert.Null(RestrictedFault(pod));
            Assert.False(pod["automountServiceAccountToken"]!.GetValue<bool>());
        }
    }

    [Theory]
    [InlineData("hostNetwork", "true")]
    [InlineData("securityContext", """{"seccompProfile":{"type":"RuntimeDefault"}}""")]
    [InlineData("volumes", """[{"name":"x","hostPath":{"path":"/"}}]""")]
    public async Task RestrictedFault_APodWithMoreRights_IsFound(string field, string value)
    {
        var pod = (await Rendered.OverlayAsync("azure")).Of("Deployment").Single()["spec"]!["template"]!["spec"]!.AsObject();
        pod[field] = JsonNode.Parse(value);
        Assert.NotNull(RestrictedFault(pod));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Settings_AreKnown(string overlay)
    {
        foreach (var item in await Rendered.OverlayAsync(overlay)) Assert.All(DeployedFiles.Settings(item.ToJsonString()), static name => Assert.Null(DeployedFiles.FindUnknown(name)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Selectors_FindThePodsTheyMean(string overlay)
    {
        var items = await Rendered.OverlayAsync(overlay);
        foreach (var (kind, name, component) in new[] { ("Service", "gitopsgrains", "gateway"), ("Service", "gitopsgrains-silo", "silo"), ("NetworkPolicy", "gitopsgrains-silo", "silo"), ("NetworkPolicy", "gitopsgrains-gateway", "gateway") })
        {
            var spec = items.One(kind, name)["spec"]!;
            var selector = (spec["selector"] ?? spec["podSelector"]!["matchLabels"])!.AsObject();
            var template = items.One(component == "silo" ? "StatefulSet" : "Deployment", $"gitopsgrains-{component}")["spec"]!["template"]!["metadata"]!["labels"]!;
            Assert.NotEmpty(selector);
            Assert.All(selector, label => Assert.Equal(label.Value!.GetValue<string>(), Rendered.Text(template[label.Key])));
        }
        // Only gateways and silos come to where no token is asked for.
        var ingress = items.One("NetworkPolicy", "gitopsgrains-silo")["spec"]!["ingress"]!.AsArray();
        Assert.All(ingress, static rule => Assert.NotEmpty(rule!["from"]!.AsArray()));
    }

    [Fact]
    public async Task Chart_InCluster_GivesNoRightsBeyondTheClustersIdentity()
    {
        var items = await Rendered.ChartAsync("--set", "inCluster=true");
        Assert.True(items.One("StatefulSet", "gitopsgrains-silo")["spec"]!["template"]!["spec"]!["automountServiceAccountToken"]!.GetValue<bool>());
        var role = items.One("Role", "gitopsgrains-silo");
        Assert.Equal("kube-system", Rendered.Text(role["metadata"]!["namespace"]));
        Assert.DoesNotContain("*", role["rules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(items.One("ClusterRole", "gitopsgrains-silo")["rules"]!.AsArray());
        Assert.Empty((await Rendered.ChartAsync()).Of("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"));
    }

    [Theory]
    [InlineData("storage.kind=Disk", "storage/kind")]
    [InlineData("silo.replica=3", "replica")]
    [InlineData("silo.replicas=0", "replicas")]
    [InlineData("images.silo.digest=sha256:12", "digest")]
    [InlineData("monitoring.interval=often", "interval")]
    [InlineData("tls.certManager.issuerKind=Person", "issuerKind")]
    [InlineData("tls.enabled=true,tls.existingSecret=", "existingSecret")]
    public async Task Chart_ValueThatIsWrong_IsRefusedByItsName(string value, string named) =>
        Assert.Contains(named, await Rendered.FailAsync("helm", "template", "x", "deploy/kubernetes/chart", "--set", value), StringComparison.Ordinal);

    /// <summary>What is left of an object without the marks of the tool that made it, in canonical order.</summary>
    private static string Meaning(JsonObject item)
    {
        var metadata = item["metadata"]!.AsObject();
        foreach (var mark in new[] { "app.kubernetes.io/managed-by", "helm.sh/chart" }) metadata["labels"]?.AsObject().Remove(mark);
        if (metadata["annotations"] is JsonObject annotations && annotations.Remove("helm.sh/resource-policy") && annotations.Count == 0) metadata.Remove("annotations");
        return Sorted(item)!.ToJsonString();
    }

    /// <summary>Lists whose members have names mean the same in any order.</summary>
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted).OrderBy(static item => item is JsonObject map ? map["name"]?.ToJsonString() : null, StringComparer.Ordinal)]),
        _ => node?.DeepClone(),
    };

    /// <summary>The restricted profile of Pod Security Standards, as far as these pods could break it. Old API servers do not check it.</summary>
    private static string? RestrictedFault(JsonObject pod)
    {
        foreach (var host in new[] { "hostNetwork", "hostPID", "hostIPC" })
            if (pod[host] is not null) return host;
        foreach (var volume in pod["volumes"]?.AsArray() ?? [])
            if (volume!.AsObject().Select(static member => member.Key).Any(static key => key != "name" && !AllowedVolumes.Contains(key))) return $"volume {volume["name"]}";
        if (pod["securityContext"]?["runAsNonRoot"]?.GetValue<bool>() != true) return "runAsNonRoot";
        if (pod["securityContext"]?["runAsUser"]?.GetValue<int>() is not > 0) return "runAsUser";
        if (Rendered.Text(pod["securityContext"]?["seccompProfile"]?["type"]) != "RuntimeDefault") return "seccompProfile";
        foreach (var container in pod["containers"]!.AsArray())
        {
            var security = container!["securityContext"];
            if (security?["allowPrivilegeEscalation"]?.GetValue<bool>() != false) return "allowPrivilegeEscalation";
            if (security["capabilities"]?["drop"]?.ToJsonString() != """["ALL"]""" || security["capabilities"]!["add"] is not null) return "capabilities";
            if (security["readOnlyRootFilesystem"]?.GetValue<bool>() != true) return "readOnlyRootFilesystem";
        }
        return null;
    }
}
