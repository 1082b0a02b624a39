using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Documents.Tests;

public sealed class DesignSampleTests
{
    private const string Sample = """
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: fleet}
        spec:
          url: https://git.example.com/platform/fleet.git      # https, ssh, file
          poll: {interval: 1m30s}
        ---
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: eu-1, labels: {region: eu}}
        spec: {kubeconfig: {file: /etc/gitopsgrains/eu-1.yaml, context: admin}}
        ---
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: podinfo, labels: {team: web}}
        spec:
          project: default
          source: {repository: fleet, ref: main, path: apps/podinfo, directory: {recurse: true, include: "*.yaml"}}
          destination: {clusters: [eu-1], namespace: podinfo}
          sync:
            automated: true
            prune: {enabled: true, budget: {objects: 12, percent: 40}, confirmKinds: [Namespace], propagation: background}
            selfHeal: true
            preflight: false
            options: [CreateNamespace=true]
            foreignFields: report
            onFailure: continue
            retry: {limit: 7, backoff: {duration: 6s, factor: 3, max: 4m}}
            timeout: 11m
            healthTimeout: 6m
          ignoreDifferences: []
          dependsOn: []
          suspend: true
          deletionPolicy: delete
          driftCheck: {interval: 4m, deepInterval: 16m}
        """;

    [Fact]
    public void Parse_SampleOfDesign_EveryFieldIsRead()
    {
        var result = DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(Sample), DocumentLimits.Default, AdminPolicy.Local);

        Assert.Empty(result.Faults);
        Assert.Equal([0, 1, 2], result.Indexes);
        var repository = Assert.IsType<RepositoryDocument>(result.Documents[0]);
        Assert.Equal("https://git.example.com/platform/fleet.git", repository.Spec.Url);
        Assert.Equal(TimeSpan.FromSeconds(90), repository.Spec.Poll.Interval);
        var cluster = Assert.IsType<ClusterDocument>(result.Documents[1]);
        Assert.Equal("eu", cluster.Metadata.Labels["region"]);
        Assert.Equal(("/etc/gitopsgrains/eu-1.yaml", "admin"), (cluster.Spec.Kubeconfig!.File, cluster.Spec.Kubeconfig.Context));
        var spec = Assert.IsType<ApplicationDocument>(result.Documents[2]).Spec;
        var source = Assert.Single(spec.AllSources);
        Assert.Equal(("fleet", "main", "apps/podinfo"), (source.Repository, source.Ref, source.Path));
        Assert.Equal((true, "*.yaml"), (source.Directory!.Recurse, source.Directory.Include));
        Assert.Equal("podinfo", spec.Destination.Namespace);
        Assert.Equal(["eu-1"], spec.Destination.Clusters);
        Assert.True(spec.Sync is { Automated: true, SelfHeal: true, Preflight: false, ForeignFields: "report", OnFailure: "continue" });
        Assert.True(spec.Sync.Prune is { Enabled: true, Budget: { Objects: 12, Percent: 40 }, Propagation: "background" });
        Assert.Equal(["Namespace"], spec.Sync.Prune.ConfirmKinds);
        Assert.Equal(["CreateNamespace=true"], spec.Sync.Options);
        Assert.True(spec.Sync.Retry is { Limit: 7, Backoff.Factor: 3 });
        Assert.Equal((TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(4)), (spec.Sync.Retry.Backoff.Duration, spec.Sync.Retry.Backoff.Max));
        Assert.Equal((TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(6)), (spec.Sync.Timeout, spec.Sync.HealthTimeout));
        Assert.True(spec is { Suspend: true, DeletionPolicy: "delete" });
        Assert.Equal((TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(16)), (spec.DriftCheck.Interval, spec.DriftCheck.DeepInterval));
    }

    [Fact]
    public void Parse_ShortestApplication_DefaultsAreThoseOfDesign()
    {
        var spec = Streams.One<ApplicationDocument>(Streams.Application("{source: {repository: fleet}, destination: {clusters: [eu-1]}}")).Spec;

        Assert.Equal(("default", "HEAD", ""), (spec.Project, spec.Source!.Ref, spec.Source.Path));
        Assert.True(spec.Sync is { Automated: false, SelfHeal: false, Preflight: true, ForeignFields: "keep", OnFailure: "stop" });
        Assert.True(spec.Sync.Prune is { Enabled: false, Budget: { Objects: 10, Percent: 30 }, Propagation: "foreground" });
        Assert.Equal(["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"], spec.Sync.Prune.ConfirmKinds);
        Assert.True(spec.Sync.Retry is { Limit: 5, Backoff.Factor: 2 });
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3)), (spec.Sync.Retry.Backoff.Duration, spec.Sync.Retry.Backoff.Max));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5)), (spec.Sync.Timeout, spec.Sync.HealthTimeout));
        Assert.Equal("keep", spec.DeletionPolicy);
        Assert.Equal((TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(15)), (spec.DriftCheck.Interval, spec.DriftCheck.DeepInterval));
        Assert.Equal(TimeSpan.FromSeconds(30), Streams.One<RepositoryDocument>(Streams.Repository("{url: https://example.com/a.git}")).Spec.Poll.Interval);
    }

    [Theory]
    [InlineData("sync: {prune: true}", true)]
    [InlineData("sync: {prune: false}", false)]
    [InlineData("sync: {prune: {}}", true)]
    [InlineData("sync: {prune: {enabled: false, budget: {objects: 1}}}", false)]
    public void Parse_PruneInBothForms_EnabledAsWritten(string line, bool enabled) =>
        Assert.Equal(enabled, Streams.One<ApplicationDocument>(Streams.With(line)).Spec.Sync.Prune.Enabled);

    [Fact]
    public void Parse_NullsAndStatus_AreReadOver()
    {
        var read = Streams.One<ApplicationDocument>(Streams.With("sync:") + "\nstatus: {sync: Synced}\n");
        Assert.True(read.Spec.Sync.Preflight);
        Assert.Null(read.Unknown);
    }

    [Fact]
    public void Json_EveryDocument_ReadsBackTheSameInStateAndInYaml()
    {
        foreach (var document in Streams.Parse(Sample).Documents)
        {
            var state = JsonSerializer.Serialize(document, DocumentJson.Options);
            Assert.True(DocumentJson.Same(document, JsonSerializer.Deserialize<Document>(state, DocumentJson.Options)!));
            var yaml = DocumentYaml.Write(DocumentJson.ToNode(document));
            Assert.True(DocumentJson.Same(document, Assert.Single(Streams.Parse(yaml).Documents)));
        }
    }

    [Fact]
    public void Json_MembersOfNewerVersion_SurviveAndAreReported()
    {
        const string state = """{"kind":"Application","apiVersion":"gitopsgrains.io/v1","metadata":{"name":"web","owner":"me"},"spec":{"source":{"repository":"fleet","shard":3},"destination":{"clusters":["eu-1"]},"sync":{"prune":{"enabled":true,"dryRun":1}},"waves":[1]}}""";
        var document = JsonSerializer.Deserialize<Document>(state, DocumentJson.Options)!;

        var again = JsonSerializer.SerializeToElement(document, DocumentJson.Options);

        Assert.Equal(3, again.GetProperty("spec").GetProperty("source").GetProperty("shard").GetInt32());
        Assert.Equal(1, again.GetProperty("spec").GetProperty("sync").GetProperty("prune").GetProperty("dryRun").GetInt32());
        Assert.Equal("me", again.GetProperty("metadata").GetProperty("owner").GetString());
        Assert.Equal(
            ["metadata.owner", "spec.source.shard", "spec.sync.prune.dryRun", "spec.waves"],
            DocumentValidation.Validate(document, AdminPolicy.Local).Select(static fault => fault.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Same_MapsInOtherOrder_IsTrueAndAnotherValueIsNot()
    {
        var left = Streams.One<ApplicationDocument>(Streams.With("sync: {automated: true, selfHeal: true}"));
        var right = Streams.One<ApplicationDocument>(Streams.With("sync: {selfHeal: true, automated: true}"));
        Assert.True(DocumentJson.Same(left, right));
        Assert.False(DocumentJson.Same(left, right with { Spec = right.Spec with { Suspend = true } }));
    }

    [Fact]
    public void SeveralSources_OneOfThemForValuesOnly_AreAllKnown()
    {
        var spec = Streams.One<ApplicationDocument>(Streams.Application(
            "{sources: [{repository: charts, path: shop, helm: {valueFiles: [$values/eu.yaml]}}, {repository: settings, ref: v1, name: values}, {repository: fleet, path: ., name: all}], destination: {clusters: [a]}}")).Spec;

        Assert.Equal(["charts", "settings", "fleet"], spec.AllSources.Select(source => source.Repository));
        Assert.Equal([true, false, true], spec.AllSources.Select(source => source.IsRendered));
    }
}
