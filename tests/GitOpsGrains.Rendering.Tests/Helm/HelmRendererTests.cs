using System.Diagnostics;
using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Helm;

public sealed class HelmRendererTests
{
    private static readonly RenderContext Context = new() { Application = "shop", Namespace = "shops" };

    private static async Task<(RenderHarness Harness, string Commit)> StartAsync()
    {
        Tools.Require("helm");
        var harness = await RenderHarness.StartAsync();
        await HelmSamples.WriteAsync(harness.Work);
        return (harness, await harness.PublishAsync());
    }

    /// <summary>What helm prints for the working copy after <c>helm dependency build</c>.</summary>
    private static async Task<ManifestSet> ExpectedAsync(RenderHarness harness, params string[] arguments)
    {
        using var build = Process.Start(new ProcessStartInfo(Tools.Require("helm"), ["dependency", "build", "web"]) { WorkingDirectory = harness.Work.Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await build.WaitForExitAsync();
        Assert.Equal(0, build.ExitCode);
        return await BinaryOutput.HelmAsync(harness.Work.Folder, arguments);
    }

    [Fact]
    public async Task Render_AChart_GivesWhatTheBinaryPrints()
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;

        var result = await harness.RenderAsync(commit, new SourceSpec { Path = "web" }, Context);

        BinaryOutput.Same(await ExpectedAsync(harness, "shop", "web", "--namespace", "shops", "--include-crds"), result);
        Assert.Equal(
            ["charts/cache/templates/cache.yaml#0", "charts/shared/templates/shared.yaml#0", "crds/widgets.yaml#0", "templates/config.yaml#0", "templates/deployment.yaml#0", "templates/migrate.yaml#0", "templates/tests/check.yaml#0"],
            result.Set!.Objects.Select(item => item.Position.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Render_WithOptions_GivesWhatTheBinaryPrints()
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;
        using var values = JsonDocument.Parse("""{"order":"object","names":["x",1,true]}""");
        var source = new SourceSpec
        {
            Path = "web",
            Helm = new HelmSpec
            {
                ReleaseName = "other",
                Namespace = "elsewhere",
                ValueFiles = ["../env/*.yaml", "/env/one.yaml", "missing.yaml"],
                IgnoreMissingValueFiles = true,
                Values = "order: values\nreplicas: 4\n",
                ValuesObject = values.RootElement.Clone(),
                Parameters =
                [
                    new HelmParameter { Name = "image.tag", Value = "0012", ForceString = true },
                    new HelmParameter { Name = "image.repository", Value = "a,b" },
                    new HelmParameter { Name = "names", Value = "{p,q}" },
                ],
                FileParameters = [new HelmFileParameter { Name = "text", Path = "../env/text.txt" }],
                SkipCrds = true,
                SkipTests = true,
                KubeVersion = "1.29.3",
                ApiVersions = ["example.com/v1/Widget"],
            },
        };

        var result = await harness.RenderAsync(commit, source, Context);

        await harness.Work.WriteAsync("values.tmp", "order: values\nreplicas: 4\n");
        await harness.Work.WriteAsync("object.tmp", """{"order":"object","names":["x",1,true]}""");
        BinaryOutput.Same(await ExpectedAsync(harness,
            "other", "web", "-n", "elsewhere", "-f", "env/one.yaml", "-f", "env/two.yaml", "-f", "env/one.yaml", "-f", "values.tmp", "-f", "object.tmp",
            "--set-string", "image.tag=0012", "--set", @"image.repository=a\,b", "--set", "names={p,q}", "--set-file", "text=env/text.txt",
            "--skip-crds", "--skip-tests", "--kube-version", "1.29.3", "--api-versions", "example.com/v1/Widget"), result);
        var config = BinaryOutput.Show(result.Set!.Objects.Single(item => item.Id.Name == "config"));
        Assert.Contains("\"order\":\"object\"", config, StringComparison.Ordinal);
        Assert.Contains("\"kube\":\"v1.29.3\"", config, StringComparison.Ordinal);
        // There is no cluster to look anything up in.
        Assert.Contains("\"service\":\"{}\"", config, StringComparison.Ordinal);
        Assert.Contains(result.Set.Objects, item => item.Id.Kind == "Widget");
        Assert.Contains(result.Set.Objects, item => item.Id.Name == "extra");
    }

    [Fact]
    public async Task Render_WithTheClustersCapabilities_UsesThem_AndTheyAreInTheKey()
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;
        var source = new SourceSpec { Path = "web" };
        var context = Context with { Capabilities = new ClusterCapabilities("v1.27.1", ["example.com/v1/Widget", "v1"]) };

        var result = await harness.RenderAsync(commit, source, context);

        Assert.Contains(result.Set!.Objects, item => item.Id.Kind == "Widget");
        Assert.Contains("v1.27.1", BinaryOutput.Show(result.Set.Objects.Single(item => item.Id.Name == "config")), StringComparison.Ordinal);
        var keys = new List<string>();
        foreach (var other in new[]
        {
            Context, context, Context with { Application = "b" }, Context with { Namespace = "b" },
            context with { Capabilities = new ClusterCapabilities("v1.27.2", ["v1"]) },
        })
            keys.Add((await harness.Renderer.KeyAsync(harness.Request(commit, source, other), TestContext.Current.CancellationToken)).Value);
        Assert.Equal(keys, keys.Distinct());
        Assert.Contains(result.Key.Value, keys);
        var sameVersions = context with { Capabilities = new ClusterCapabilities("v1.27.1", ["v1", "example.com/v1/Widget"]) };
        Assert.Equal(result.Key, await harness.Renderer.KeyAsync(harness.Request(commit, source, sameVersions), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Key_FollowsWhatIsRead_AndNothingElse()
    {
        var (harness, first) = await StartAsync();
        await using var _ = harness;
        var source = new SourceSpec { Path = "web", Helm = new HelmSpec { ValueFiles = ["../env/one.yaml", "/later.yaml"], IgnoreMissingValueFiles = true } };
        async Task<string> KeyAsync(string commit) => (await harness.Renderer.KeyAsync(harness.Request(commit, source, Context), TestContext.Current.CancellationToken)).Value;
        var keys = new List<string> { await KeyAsync(first) };

        await harness.Work.WriteAsync("env/two.yaml", "order: other\n");
        var blobs = harness.Mirrors.BlobsRead;
        Assert.Equal(keys[0], await KeyAsync(await harness.PublishAsync()));
        Assert.Equal(blobs, harness.Mirrors.BlobsRead);

        foreach (var file in new[] { "env/one.yaml", "web/files/motd.txt", "shared/templates/shared.yaml", "later.yaml" })
        {
            var path = Path.Combine(harness.Work.Folder, file);
            await harness.Work.WriteAsync(file, (File.Exists(path) ? await File.ReadAllTextAsync(path) : "") + "# more\n");
            keys.Add(await KeyAsync(await harness.PublishAsync()));
        }
        Assert.Equal(keys, keys.Distinct());
    }

    [Fact]
    public async Task Render_WithValuesOfAnotherSource_ReadsThemThere()
    {
        var (harness, commit) = await StartAsync();
        await using var _ = harness;
        var other = await harness.Server.CreateRepositoryAsync("settings");
        var values = await other.PublishAsync("web/prod.yaml", "order: elsewhere\n");
        var access = new RepositoryAccess("settings", other.Url, TimeSpan.FromSeconds(20));
        await harness.Mirrors.FetchAsync(access, [new GitRef("refs/heads/main", values)], TestContext.Current.CancellationToken);
        var source = new SourceSpec { Path = "web", Helm = new HelmSpec { ValueFiles = ["$settings/web/prod.yaml"] } };
        var context = Context with { References = new Dictionary<string, ReferencedSource> { ["settings"] = new(access, values) } };

        var result = await harness.RenderAsync(commit, source, context);

        Assert.Empty(result.Faults);
        Assert.Contains("\"order\":\"elsewhere\"", BinaryOutput.Show(result.Set!.Objects.Single(item => item.Id.Name == "config")), StringComparison.Ordinal);
        Assert.Contains(result.Key.ReadSet.Entries, entry => entry is { Repository: "settings", Path: "web/prod.yaml" });

        var changed = await other.PublishAsync("web/prod.yaml", "order: again\n");
        await harness.Mirrors.FetchAsync(access, [new GitRef("refs/heads/main", changed)], TestContext.Current.CancellationToken);
        var newer = context with { References = new Dictionary<string, ReferencedSource> { ["settings"] = new(access, changed) } };
        Assert.Contains("\"order\":\"again\"", BinaryOutput.Show((await harness.RenderAsync(commit, source, newer)).Set!.Objects.Single(item => item.Id.Name == "config")), StringComparison.Ordinal);

        var unknown = await harness.RenderAsync(commit, source, Context);
        Assert.Equal("helm.valueFiles[0]: no source of the application has the name 'settings'", Assert.Single(unknown.Faults).Reason);
    }

    [Theory]
    [InlineData("x: {{ .Values.missing.field }}", "templates/bad.yaml", "nil pointer evaluating")]
    [InlineData("x: {{ required \"give a tag\" .Values.none }}", "templates/bad.yaml", "give a tag")]
    [InlineData("{{ if }}", "templates/bad.yaml", "missing value for if")]
    [InlineData("x: [", "templates/bad.yaml", "YAML")]
    public async Task Render_ABrokenTemplate_IsAFaultOfThatFile(string template, string file, string message)
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("chart/Chart.yaml", "apiVersion: v2\nname: bad\nversion: 1.0.0\n");
        await harness.Work.WriteAsync("chart/templates/bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + template + "\n");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, new SourceSpec { Path = "chart" }, Context);

        var fault = Assert.Single(result.Faults);
        Assert.Equal(file, fault.File);
        Assert.Contains(message, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), fault.Reason, StringComparison.Ordinal);
        Assert.False(result.IsTransient);
    }

    [Theory]
    [InlineData("{{ randAlphaNum 8 }}")]
    [InlineData("{{ now | unixEpoch }}")]
    [InlineData("{{ now | date \"2006-01-02\" }}")]
    [InlineData("{{ uuidv4 }}")]
    public async Task Render_WhatDiffersEachTime_IsAFaultOfThatObject(string expression)
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("Chart.yaml", "apiVersion: v2\nname: luck\nversion: 1.0.0\n");
        await harness.Work.WriteAsync("templates/a.yaml", RenderHarness.ConfigMap("calm"));
        await harness.Work.WriteAsync("templates/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: luck}\ndata: {value: \"" + "{{ with .Values.pinned }}{{ . }}{{ else }}" + expression + "{{ end }}\"}\n");
        var commit = await harness.PublishAsync();

        var fault = Assert.Single((await harness.RenderAsync(commit, new SourceSpec())).Faults);
        Assert.Equal(("templates/b.yaml", "luck"), (fault.File, fault.Object!.Value.Name));
        Assert.StartsWith("the chart renders something else each time", fault.Reason, StringComparison.Ordinal);

        var pinned = new SourceSpec { Helm = new HelmSpec { Parameters = [new HelmParameter { Name = "pinned", Value = "x" }] } };
        Assert.Empty((await harness.RenderAsync(commit, pinned)).Faults);
    }

    [Fact]
    public async Task Render_WithDependenciesElsewhere_NeedsLeaveAndFetchesThem()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var charts = await ChartServer.StartAsync();
        await harness.Work.WriteAsync("Chart.yaml", "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n- {name: lib, version: 1.0.0, repository: \"" + charts.Url + "\"}\n");
        await harness.Work.WriteAsync("templates/a.yaml", RenderHarness.ConfigMap("top"));
        var commit = await harness.PublishAsync();
        var allowed = Context with { Permissions = new RenderPermissions { ChartDependencies = true } };

        var refused = await harness.RenderAsync(commit, new SourceSpec(), Context);
        Assert.StartsWith("the dependency lib is not in charts/, and it may not be fetched", Assert.Single(refused.Faults).Reason, StringComparison.Ordinal);
        Assert.Equal(0, charts.Requests);

        var result = await harness.RenderAsync(commit, new SourceSpec(), allowed);
        Assert.Empty(result.Faults);
        Assert.Equal(["lib", "top"], result.Set!.Objects.Select(item => item.Id.Name));

        await harness.Work.WriteAsync("Chart.yaml", "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n- {name: lib, version: \"*\", repository: \"" + charts.Url + "\"}\n");
        var ranged = await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec(), allowed);
        Assert.Contains("has a range of versions and there is no Chart.lock", Assert.Single(ranged.Faults).Reason, StringComparison.Ordinal);
    }
}
