using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Tests.Applications;

public sealed class ClusterRendersTests
{
    private static readonly string[] Clusters = [.. Enumerable.Range(0, 50).Select(index => $"c{index:00}")];

    private readonly Dictionary<string, ClusterTraits?> _traits = Clusters.ToDictionary(name => name, _ => (ClusterTraits?)Connected("eu"));
    private readonly List<string> _described = [];
    private readonly List<RenderScope> _rendered = [];
    private string? _silent;

    [Fact]
    public async Task PlainDirectory_IsRenderedOnceForAll_AndNoClusterIsAsked()
    {
        var result = await RunAsync(new SourceSpec { Repository = "fleet", Path = "app" }, _ => Answer("same"));

        Assert.Single(_rendered);
        Assert.Empty(_described);
        var set = Assert.Single(result.Sets);
        Assert.Empty(set.Clusters);
        Assert.Equal(("web", "", "", 0), (set.Scope.Application, set.Scope.KubeVersion, set.Scope.Cluster, set.Scope.Variables.Count));
    }

    [Fact]
    public async Task EqualClusters_ShareOneRender_WhateverTheirNamesAre()
    {
        var result = await RunAsync(Chart, scope => Answer(scope.KubeVersion, capabilities: true));

        // Once to learn that the cluster matters, once for all that are alike.
        Assert.Equal(["v1.34.0", "v1.34.0"], _rendered.Select(scope => scope.KubeVersion));
        Assert.Empty(Assert.Single(result.Sets).Clusters);
        Assert.True(result.AsksCluster);
    }

    [Fact]
    public async Task ClustersOfTwoVersions_GetASetEach()
    {
        _traits["c07"] = Connected("eu") with { KubeVersion = "v1.30.0" };

        var result = await RunAsync(Chart, scope => Answer(scope.KubeVersion, capabilities: true));

        Assert.Equal([49, 1], result.Sets.Select(set => set.Clusters.Count));
        Assert.Equal(("c07", "v1.30.0", Digest.Of("v1.30.0")), (result.Sets[1].Clusters[0], result.Sets[1].Scope.KubeVersion, result.Sets[1].SetDigest));
    }

    [Fact]
    public async Task Variables_OnlyThoseThatStandInTheManifestsTellClustersApart()
    {
        foreach (var name in Clusters.Take(20)) _traits[name] = Connected("us");

        var result = await RunAsync(Substituting, scope => Answer(scope.Variables["region"], variables: "region"));

        Assert.Equal([20, 30], result.Sets.Select(set => set.Clusters.Count));
        Assert.Equal(["us", "eu"], result.Sets.Select(set => set.Scope.Variables["region"]));
        Assert.Equal(["region"], result.Sets[0].Scope.Variables.Keys);
    }

    [Fact]
    public async Task ClusterName_IsAVariable_AndItsLabelsWinOverTheApplications()
    {
        _traits["c01"] = Connected("eu") with { Labels = new Dictionary<string, string> { ["team"] = "of-the-cluster" } };

        await RunAsync(Substituting, _ => Answer("x", variables: "CLUSTER_NAME"));

        Assert.Equal("c00", _rendered[0].Variables["CLUSTER_NAME"]);
        Assert.Equal("web", _rendered[0].Variables["team"]);
        Assert.Equal("of-the-cluster", _rendered.First(scope => scope.Variables["CLUSTER_NAME"] == "c01").Variables["team"]);
        Assert.Equal(Clusters.Length, _rendered.Select(scope => scope.Variables["CLUSTER_NAME"]).Distinct().Count());
    }

    [Fact]
    public async Task ClusterThatIsNotConnected_WaitsAloneAndSaysWhy()
    {
        _traits["c03"] = new ClusterTraits { Condition = new Condition { Type = ConditionTypes.ClusterUnreachable, Message = "no route" } };

        var result = await RunAsync(Chart, scope => scope.KubeVersion.Length == 0
            ? Awaiting : Answer(scope.KubeVersion, capabilities: true));

        Assert.Equal(49, Assert.Single(result.Sets).Clusters.Count);
        var (cluster, conditions) = Assert.Single(result.Waiting);
        Assert.Equal(("c03", ConditionTypes.ClusterAwaited), (cluster, Assert.Single(conditions).Type));
        Assert.Equal("the manifests depend on the cluster's version and kinds, which are not known: no route", conditions[0].Message);
        Assert.Empty(result.Conditions);
        // The cluster itself will tell.
        Assert.False(result.MayComeRight);
    }

    [Fact]
    public async Task ChartThatNobodyCalledOne_LearnsThatItAsks()
    {
        var result = await RunAsync(new SourceSpec { Repository = "fleet", Path = "chart" }, scope => scope.KubeVersion.Length == 0
            ? Awaiting : Answer(scope.KubeVersion, capabilities: true));

        Assert.Equal(Clusters, _described);
        Assert.Equal(Digest.Of("v1.34.0"), Assert.Single(result.Sets).SetDigest);
    }

    [Theory]
    [InlineData("c00")]
    [InlineData("c09")]
    public async Task FaultForOneCluster_IsToldOfIt_AndTheOthersGetTheirSet(string bad)
    {
        _traits[bad] = Connected("mars");

        var result = await RunAsync(Substituting, scope => scope.Variables["region"] == "mars" ? Fault("bad", "region") : Answer(scope.Variables["region"], variables: "region"));

        Assert.Equal(Clusters.Where(cluster => cluster != bad), Assert.Single(result.Sets).Clusters);
        var (cluster, conditions) = Assert.Single(result.Waiting);
        Assert.Equal((bad, ConditionTypes.RenderFailed, "bad"), (cluster, Assert.Single(conditions).Type, conditions[0].Message));
        Assert.Empty(result.Conditions);
        Assert.True(result.MayComeRight);
    }

    [Fact]
    public async Task FaultThatIsTheSameForAll_IsTheApplications_AndNamesNoCluster()
    {
        _traits["c09"] = Connected("mars");

        var result = await RunAsync(Substituting, _ => Fault("bad", "region"));

        Assert.Empty(result.Sets);
        Assert.Empty(result.Waiting);
        Assert.Equal("bad", Assert.Single(result.Conditions).Message);
    }

    [Fact]
    public async Task FaultsThatDiffer_AreToldOfEachCluster()
    {
        foreach (var name in Clusters.Skip(2)) _traits[name] = new ClusterTraits();
        _traits["c01"] = Connected("eu") with { KubeVersion = "v1.30.0" };

        var result = await RunAsync(Chart, scope => scope.KubeVersion.Length == 0 ? Awaiting : Fault(scope.KubeVersion) with { Uses = new ScopeUses { Capabilities = true } });

        Assert.Empty(result.Sets);
        Assert.Equal(20, result.Conditions.Count);
        Assert.Equal(["c00: v1.34.0", "c01: v1.30.0"], result.Conditions.Take(2).Select(condition => condition.Message));
        Assert.Equal(Clusters, result.Waiting.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ClusterThatDoesNotAnswer_WaitsAlone_AndIsNotTakenForOneWithoutLabels()
    {
        _silent = "c05";

        var result = await RunAsync(Substituting, scope => Answer(scope.Variables["region"], variables: "region"));

        Assert.Equal(Clusters.Where(cluster => cluster != "c05"), Assert.Single(result.Sets).Clusters);
        Assert.Equal("the manifests depend on the cluster, which could not be asked: TimeoutException", result.Waiting["c05"][0].Message);
        Assert.True(result.MayComeRight);
        Assert.All(_rendered, scope => Assert.Equal("eu", scope.Variables["region"]));
    }

    private static SourceSpec Chart { get; } = new() { Repository = "fleet", Path = "chart", Helm = new HelmSpec() };

    private static SourceSpec Substituting { get; } = new() { Repository = "fleet", Path = "app", Substitute = new SubstituteSpec() };

    private static ClusterTraits Connected(string region) =>
        new() { Labels = new Dictionary<string, string> { ["region"] = region, ["kubernetes.io/x"] = "y" }, KubeVersion = "v1.34.0", Kinds = "k" };

    private static RenderAnswer Awaiting { get; } = new() { AwaitsCluster = true, Uses = new ScopeUses { Capabilities = true } };

    private static RenderAnswer Fault(string message, params string[] variables) =>
        new() { Conditions = [new Condition { Type = ConditionTypes.RenderFailed, Message = message }], Uses = new ScopeUses { Variables = variables } };

    private static RenderAnswer Answer(string content, bool capabilities = false, params string[] variables) =>
        new() { SetDigest = Digest.Of(content), RenderKey = content, Uses = new ScopeUses { Capabilities = capabilities, Variables = variables } };

    private Task<ClusterRendersResult> RunAsync(SourceSpec source, Func<RenderScope, RenderAnswer> answer)
    {
        var document = new ApplicationDocument
        {
            Metadata = new DocumentMetadata { Name = "web", Labels = new Dictionary<string, string> { ["team"] = "web" } },
            Spec = new ApplicationSpec { Source = source, Destination = new DestinationSpec { Clusters = Clusters } },
        };
        return new ClusterRenders(
            document, [new PinnedSource { Source = source, Commit = "c" }],
            cluster =>
            {
                _described.Add(cluster);
                if (cluster == _silent) throw new TimeoutException("no answer");
                return Task.FromResult(_traits[cluster]);
            },
            subject =>
            {
                _rendered.Add(subject.Scope);
                return Task.FromResult(answer(subject.Scope));
            },
            TimeProvider.System).RunAsync(Clusters, asksCluster: false);
    }
}
