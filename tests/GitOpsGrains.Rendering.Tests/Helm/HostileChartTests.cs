using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>Charts and options that want more than the repository, or more of this machine than they may have.</summary>
public sealed class HostileChartTests
{
    private const string Chart = "apiVersion: v2\nname: bad\nversion: 1.0.0\n";

    private static async Task<RenderHarness> StartAsync(string template = "", Action<Hosting.RenderingOptions>? configure = null)
    {
        Tools.Require("helm");
        var harness = await RenderHarness.StartAsync(configure);
        await harness.Work.WriteAsync("chart/Chart.yaml", Chart);
        await harness.Work.WriteAsync("chart/templates/a.yaml", template);
        await harness.Work.WriteAsync("secret.txt", "canary");
        return harness;
    }

    private static async Task<RenderResult> RenderAsync(RenderHarness harness, HelmSpec? helm = null) =>
        await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "chart", Helm = helm });

    [Theory]
    [InlineData("../../etc/passwd", "is not inside the repository")]
    [InlineData("/../etc/passwd", "is not inside the repository")]
    [InlineData("//etc/passwd", "is not inside the repository")]
    [InlineData("missing.yaml", "does not exist")]
    [InlineData("outward.yaml", "is refused: it is absolute, or a symbolic link on it is")]
    [InlineData("upward.yaml", "is refused: a symbolic link on it leaves the repository")]
    [InlineData("templates", "is a directory")]
    public async Task Render_ValuesOutsideTheRepository_AreRefused(string file, string why)
    {
        await using var harness = await StartAsync();
        harness.Work.Link("values/outward.yaml", "/etc/passwd");
        harness.Work.Link("values/upward.yaml", "../../outside.yaml");
        var path = file.EndsWith("ward.yaml", StringComparison.Ordinal) ? "../values/" + file : file;

        var values = await RenderAsync(harness, new HelmSpec { ValueFiles = [path] });
        Assert.Contains(why, values.Faults[0].Reason, StringComparison.Ordinal);
        var parameter = await RenderAsync(harness, new HelmSpec { FileParameters = [new HelmFileParameter { Name = "a", Path = path }] });
        Assert.Contains(why, parameter.Faults[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,/etc/hostname")]
    [InlineData("x\",\"/etc/hostname")]
    public async Task Render_AValuesFileWhoseNameIsAListForHelm_IsThatFile(string name)
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: '{{ .Values.from }}'}\n");
        await harness.Work.WriteAsync("env/x", "from: x\n");
        await harness.Work.WriteAsync("env/" + name, "from: list\n");

        var result = await RenderAsync(harness, new HelmSpec { ValueFiles = ["../env/" + name] });
        Assert.Equal([], result.Faults.Select(fault => fault.ToString()));
        Assert.Contains("\"value\":\"list\"", BinaryOutput.Show(Assert.Single(result.Set!.Objects)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../outside")]
    public async Task Render_AChartWithALinkOutOfTheRepository_IsRefused(string target)
    {
        await using var harness = await StartAsync();
        harness.Work.Link("chart/files/link", target);

        var fault = Assert.Single((await RenderAsync(harness)).Faults);
        Assert.Equal("chart/files/link", fault.File);
        Assert.Contains("is refused", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_AChartWithLinksInside_FollowsThem()
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {one: {{ .Files.Get \"one.txt\" | quote }}, two: {{ .Files.Get \"all/two.txt\" | quote }}}\n");
        await harness.Work.WriteAsync("common/two.txt", "2");
        harness.Work.Link("chart/one.txt", "../secret.txt");
        harness.Work.Link("chart/all", "../common");

        var result = await RenderAsync(harness);
        Assert.Empty(result.Faults);
        Assert.Contains("\"one\":\"canary\",\"two\":\"2\"", BinaryOutput.Show(Assert.Single(result.Set!.Objects)), StringComparison.Ordinal);
        Assert.Contains(result.Key.ReadSet.Entries, entry => entry.Path == "chart/one.txt");

        await harness.Work.WriteAsync("common/two.txt", "3");
        Assert.NotEqual(result.Key, (await RenderAsync(harness)).Key);
    }

    [Fact]
    public async Task Render_AChartWithLinksInACircle_IsAFault()
    {
        await using var harness = await StartAsync();
        harness.Work.Link("chart/files/circle", "../files");

        var fault = Assert.Single((await RenderAsync(harness)).Faults);
        Assert.Contains("circles", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ .Files.Get \"../secret.txt\" }}")]
    [InlineData("{{ .Files.Get \"/etc/passwd\" }}")]
    [InlineData("{{ getHostByName \"localhost\" }}")]
    [InlineData("{{ (lookup \"v1\" \"Secret\" \"kube-system\" \"\") | toJson | replace \"{}\" \"\" }}")]
    public async Task Render_ATemplateThatLooksElsewhere_FindsNothing(string expression)
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: '" + expression + "'}\n");

        var result = await RenderAsync(harness);
        Assert.Empty(result.Faults);
        Assert.Contains("\"value\":\"\"", BinaryOutput.Show(Assert.Single(result.Set!.Objects)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ env \"PATH\" }}")]
    [InlineData("{{ expandenv \"$PATH\" }}")]
    public async Task Render_ATemplateThatAsksForTheEnvironment_IsAFault(string expression)
    {
        await using var harness = await StartAsync(expression);
        Assert.Contains("not defined", Assert.Single((await RenderAsync(harness)).Faults).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"$ref":"file:///etc/passwd"}}}""")]
    [InlineData("""{"properties":{"a":{"\u0024ref":"http://169.254.169.254/token"}}}""")]
    [InlineData("""{"$id":"file:///etc/","allOf":[{"$ref":"passwd"}]}""")]
    [InlineData("""{"$schema":"file:///etc/passwd"}""")]
    public async Task Render_ASchemaThatRefersElsewhere_IsRefused(string schema)
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        await harness.Work.WriteAsync("chart/values.schema.json", schema);

        var fault = Assert.Single((await RenderAsync(harness)).Faults);
        Assert.Equal("values.schema.json", fault.File);
        Assert.StartsWith("the schema refers to another file or address, which is refused", fault.Reason, StringComparison.Ordinal);
        Assert.Empty((await RenderAsync(harness, new HelmSpec { SkipSchemaValidation = true })).Faults);
    }

    [Fact]
    public async Task Render_ASchemaThatOnlyHelmCouldRead_IsRefused()
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        await harness.Work.WriteAsync("chart/values.schema.json", "\ufeff" + """{"$ref":"file:///etc/passwd"}""");
        Assert.StartsWith("the schema refers to another file", Assert.Single((await RenderAsync(harness)).Faults).Reason, StringComparison.Ordinal);

        await harness.Work.WriteAsync("chart/values.schema.json", $$"""{"x":{{new string('[', 300)}}{{new string(']', 300)}},"$ref":"file:///etc/passwd"}""");
        Assert.StartsWith("the schema is no JSON of at most 256 levels", Assert.Single((await RenderAsync(harness)).Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_WithASchemaOfItsOwn_ChecksTheValues()
    {
        await using var harness = await StartAsync("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        await harness.Work.WriteAsync("chart/values.schema.json", """{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/definitions/n"}}}""");

        Assert.Empty((await RenderAsync(harness, new HelmSpec { Values = "a: 1" })).Faults);
        Assert.Contains("schema", Assert.Single((await RenderAsync(harness, new HelmSpec { Values = "a: b" })).Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_AChartThatEatsMemory_IsStopped()
    {
        await using var harness = await StartAsync("{{- $s := dict \"v\" \"x\" }}{{- range until 45 }}{{- $_ := set $s \"v\" (printf \"%s%s\" $s.v $s.v) }}{{- end }}");
        var fault = Assert.Single((await RenderAsync(harness)).Faults);
        Assert.Equal("helm was stopped: it needed more memory than it may have", fault.Reason);
    }

    [Fact]
    public async Task Render_AChartThatPrintsWithoutEnd_IsKilled()
    {
        await using var harness = await StartAsync("a: {{ repeat 4000000 \"x\" }}\n", options => options.ToolOutputBytes = 1024 * 1024);
        var result = await RenderAsync(harness);
        Assert.Equal("helm was killed: it printed more than 1048576 bytes", Assert.Single(result.Faults).Reason);
        Assert.True(result.IsTransient);
    }

    [Fact]
    public async Task Render_AChartThatLoops_IsKilled()
    {
        await using var harness = await StartAsync("{{- range until 100000 }}{{- range until 100000 }}{{- end }}{{- end }}", options => options.ToolTimeout = TimeSpan.FromSeconds(2));
        var result = await RenderAsync(harness);
        Assert.Equal("helm was killed: it had not ended after 2 s", Assert.Single(result.Faults).Reason);
    }

    [Fact]
    public async Task Render_ATemplateThatCallsItself_IsAFault()
    {
        await using var harness = await StartAsync("{{- define \"loop\" }}{{ include \"loop\" . }}{{ end }}{{ include \"loop\" . }}");
        Assert.Equal("templates/a.yaml", Assert.Single((await RenderAsync(harness)).Faults).File);
    }

    [Fact]
    public async Task Render_ABlobOf200MB_IsRefusedUnread()
    {
        await using var harness = await StartAsync();
        await using (var file = File.Create(Path.Combine(harness.Work.Folder, "chart", "huge.bin"))) file.SetLength(200 * 1024 * 1024);
        var commit = await harness.PublishAsync();
        var read = harness.Mirrors.BlobsRead;

        var fault = Assert.Single((await harness.RenderAsync(commit, new SourceSpec { Path = "chart" })).Faults);
        Assert.Equal(("chart/huge.bin", "the file has 209715200 bytes, more than the 10485760 that one file may have"), (fault.File, fault.Reason));
        // The chart's description alone.
        Assert.Equal(read + 1, harness.Mirrors.BlobsRead);
    }

    [Fact]
    public async Task Render_100000Files_IsAFault()
    {
        await using var harness = await StartAsync();
        var raw = new RawTrees(harness);
        var empty = await raw.BlobAsync("");
        var tree = await raw.TreeAsync([.. Enumerable.Range(0, 10).Select(i => RawTrees.File(empty, $"f{i}"))]);
        for (var level = 0; level < 4; level++) tree = await raw.TreeAsync([.. Enumerable.Range(0, 10).Select(i => RawTrees.Folder(tree, $"d{i}"))]);
        var chart = await raw.TreeAsync(RawTrees.File(await raw.BlobAsync(Chart), "Chart.yaml"), RawTrees.Folder(tree, "many"));
        var commit = await raw.PublishAsync(chart);

        var fault = Assert.Single((await harness.RenderAsync(commit, new SourceSpec())).Faults);
        Assert.Equal("the source needs more than 20000 files", fault.Reason);
    }

    [Fact]
    public async Task Render_DeepNesting_IsAFault()
    {
        await using var harness = await StartAsync();
        await harness.Work.WriteAsync("chart/" + string.Concat(Enumerable.Repeat("d/", 200)) + "a.txt", "a");
        Assert.Contains("nested deeper than 128", Assert.Single((await RenderAsync(harness)).Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ANameThatIsNotUtf8_IsAFault()
    {
        await using var harness = await StartAsync();
        var raw = new RawTrees(harness);
        var blob = await raw.BlobAsync("x");
        var tree = await raw.TreeAsync(RawTrees.File(await raw.BlobAsync(Chart), "Chart.yaml"), RawTrees.Entry("100644", "blob", blob, [0x61, 0xff, 0xfe]));
        var commit = await raw.PublishAsync(tree);

        Assert.Contains("not UTF-8", (await Assert.ThrowsAsync<GitException>(() => harness.RenderAsync(commit, new SourceSpec()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_AnAliasBombInTheDescription_IsAFault()
    {
        await using var harness = await StartAsync();
        await harness.Work.WriteAsync("chart/Chart.yaml", Chart + "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range('b', 8).Select(letter =>
            $"{(char)letter}: &{(char)letter} [{string.Join(", ", Enumerable.Repeat($"*{(char)(letter - 1)}", 10))}]\n")));
        Assert.Contains("aliases expanded", Assert.Single((await RenderAsync(harness)).Faults).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file://../../outside", "is not inside the repository")]
    [InlineData("file:///etc", "is not inside the repository")]
    [InlineData("file://../nowhere", "has no directory 'nowhere'")]
    [InlineData("file://../chart", "nested deeper than 8")]
    [InlineData("https://example.com", "it may not be fetched")]
    [InlineData("", "it may not be fetched")]
    public async Task Render_ADependencyThatIsNotThere_IsNamed(string repository, string why)
    {
        await using var harness = await StartAsync();
        await harness.Work.WriteAsync("chart/Chart.yaml", Chart + $"dependencies: [{{name: dep, version: 1.0.0, repository: '{repository}'}}]\n");
        var fault = Assert.Single((await RenderAsync(harness)).Faults);
        Assert.EndsWith("Chart.yaml", fault.File, StringComparison.Ordinal);
        Assert.Contains("dep", fault.Reason, StringComparison.Ordinal);
        Assert.Contains(why, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ThatFails_LeavesNothingBehind()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("gog-tool-").FullName;
        var (tool, mark) = (Path.Combine(folder, "helm"), Path.Combine(folder, "mark"));
        await File.WriteAllTextAsync(tool, $"#!/bin/sh\nif [ $1 = version ]; then echo v0; exit 0; fi\npwd > {mark}\nls -A tree >> {mark}\necho \"Error: no $PWD/tree/chart\" >&2\nexit 1\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var harness = await StartAsync("x: y", options => options.Helm = tool);

        var fault = Assert.Single((await RenderAsync(harness)).Faults);

        Assert.Equal("no chart", fault.Reason);
        var seen = await File.ReadAllLinesAsync(mark, TestContext.Current.CancellationToken);
        // Only the chart was exported, and all of it is gone.
        Assert.Equal("chart", Assert.Single(seen.Skip(1)));
        Assert.False(System.IO.Directory.Exists(seen[0]));
        System.IO.Directory.Delete(folder, true);
    }
}
