using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Kustomize;

/// <summary>Kustomizations that want more than the repository: all are refused before the tool runs.</summary>
public sealed class HostileKustomizationTests
{
    private static readonly RenderContext RemoteAllowed = new() { Permissions = new RenderPermissions { RemoteBases = true } };

    private static async Task<RenderResult> RenderAsync(string kustomization, RenderContext? context = null, Action<RenderHarness>? prepare = null)
    {
        // Where it is refused, no tool is needed: a wrong path shows that none was asked.
        await using var harness = await RenderHarness.StartAsync(options => options.Kustomize = "/bin/false");
        await harness.Work.WriteAsync("app/kustomization.yaml", kustomization);
        await harness.Work.WriteAsync("app/a.yaml", RenderHarness.ConfigMap("a"));
        prepare?.Invoke(harness);
        return await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "app" }, context);
    }

    [Theory]
    [InlineData("resources: [../../secret.yaml]", "resources: '../../secret.yaml' is not inside the repository")]
    [InlineData("resources: [/etc/hostname]", "resources: '/etc/hostname' is not inside the repository")]
    [InlineData("resources: [missing.yaml]", "resources: 'missing.yaml' does not exist")]
    [InlineData("components: [../../..]", "components: '../../..' is not inside the repository")]
    [InlineData("configMapGenerator: [{name: a, files: [x=../../../etc/passwd]}]", "configMapGenerator: '../../../etc/passwd' is not inside the repository")]
    [InlineData("secretGenerator: [{name: a, envs: [/proc/self/environ]}]", "secretGenerator: '/proc/self/environ' is not inside the repository")]
    [InlineData("patches: [{path: ../../x.yaml}]", "patches: '../../x.yaml' is not inside the repository")]
    [InlineData("replacements: [{path: /x.yaml}]", "replacements: '/x.yaml' is not inside the repository")]
    [InlineData("openapi: {path: /x.json}", "openapi: '/x.json' is not inside the repository")]
    [InlineData("resources: ['a\\b']", "resources: 'a\\b' is not inside the repository")]
    [InlineData("Resources: ['https://10.0.0.5/x.yaml']", "the key 'Resources' is written otherwise than kustomize documents it")]
    [InlineData("configMapGenerator: [{name: a, Files: ['k=http://169.254.169.254/token']}]", "the key 'Files' is written otherwise than kustomize documents it")]
    [InlineData("generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, FILES: [k=/etc/passwd]}']", "the key 'FILES' is written otherwise than kustomize documents it")]
    [InlineData("generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, files: [k=/etc/passwd]}']", "ConfigMapGenerator: '/etc/passwd' is not inside the repository")]
    [InlineData("transformers: ['{kind: Evil, metadata: {name: a, annotations: {config.kubernetes.io/function: x}}}']", "transformers: plugins that are programs or containers are never run")]
    [InlineData("helmCharts: [{name: a, repo: 'https://example.com'}]", "helmCharts is not supported: make the chart a source of its own (helm)")]
    public async Task Render_WhatIsNotInTheRepository_IsRefused(string kustomization, string reason)
    {
        var fault = Assert.Single((await RenderAsync(kustomization + "\n")).Faults);
        Assert.Equal(("app/kustomization.yaml", reason), (fault.File, fault.Reason));
    }

    [Theory]
    [InlineData("resources: ['https://example.com/base.yaml']")]
    [InlineData("resources: ['http://127.0.0.1:1/fleet.git//base?ref=main']")]
    [InlineData("resources: ['github.com/owner/repository//base?ref=v1']")]
    [InlineData("resources: ['git@example.com:owner/repository.git']")]
    [InlineData("resources: ['ssh://git@example.com/owner/repository']")]
    [InlineData("resources: ['file:///etc']")]
    [InlineData("resources: ['git::ext::sh -c touch% /tmp/x']")]
    [InlineData("bases: ['https://example.com/base']")]
    [InlineData("components: ['https://example.com/base']")]
    [InlineData("configMapGenerator: [{name: a, files: ['https://169.254.169.254/token']}]")]
    [InlineData("patches: [{path: 'https://example.com/p.yaml'}]")]
    [InlineData("transformers: ['https://example.com/t.yaml']")]
    [InlineData("generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: a}, files: [k=http://169.254.169.254/x]}']")]
    public async Task Render_ARemoteBase_IsRefusedUnlessAllowed(string kustomization)
    {
        var fault = Assert.Single((await RenderAsync(kustomization + "\n")).Faults);
        Assert.Equal("app/kustomization.yaml", fault.File);
        Assert.Contains("and it may not fetch from elsewhere (an administrator can set spec.rendering.remoteBases on the Repository)", fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("git@", fault.Reason.Replace("'git@example.com:owner/repository.git'", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc")]
    [InlineData("git::ext::sh -c touch% /tmp/x")]
    [InlineData("git::https://example.com/a")]
    [InlineData("ssh://git@example.com/owner/repository")]
    [InlineData("git@example.com:owner/repository.git")]
    [InlineData("https://user:password@example.com/a")]
    public async Task Render_ARemoteBaseThatIsNotFetched_IsRefusedAlwaysAndShowsNoSecret(string remote)
    {
        var fault = Assert.Single((await RenderAsync($"resources: ['{remote}']\n", RemoteAllowed)).Faults);
        Assert.EndsWith("is refused: only https and http are fetched", fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("password", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("github.com/owner/repository")]
    [InlineData("GitHub.com/owner/repository")]
    [InlineData("www.github.com/owner/repository")]
    [InlineData("git@example.com/owner")]
    [InlineData("example.com/owner//base?ref=v1")]
    public async Task Render_ADirectoryThatIsNamedAsARemoteBase_IsRefused(string name)
    {
        // Kustomize fetches such a name although there is a directory.
        var result = await RenderAsync($"resources: ['{name}']\n", null, harness =>
        {
            var folder = System.IO.Directory.CreateDirectory(Path.Combine(harness.Work.Folder, "app", name));
            File.WriteAllText(Path.Combine(folder.FullName, "kustomization.yaml"), "resources: []\n");
        });
        Assert.Contains("may not fetch from elsewhere", Assert.Single(result.Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ARemoteBaseThatIsAllowed_IsFetched()
    {
        Tools.Require("kubectl");
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("base/kustomization.yaml", "resources: [a.yaml]\n");
        await harness.Work.WriteAsync("base/a.yaml", RenderHarness.ConfigMap("remote"));
        await harness.Work.WriteAsync("app/kustomization.yaml", $"resources: ['{harness.Work.Url}//base?ref=main']\n");
        var commit = await harness.PublishAsync();

        var result = await harness.RenderAsync(commit, new SourceSpec { Path = "app" }, RemoteAllowed);

        Assert.Equal([], result.Faults.Select(fault => fault.ToString()));
        Assert.Equal("remote", Assert.Single(result.Set!.Objects).Id.Name);
    }

    [Theory]
    [InlineData("/etc/hostname", "absolute")]
    [InlineData("../../outside.yaml", "leaves the repository")]
    [InlineData("loop.yaml", "too many symbolic links")]
    public async Task Render_ALinkOutOfTheRepository_IsRefused(string target, string why)
    {
        var result = await RenderAsync("resources: [loop.yaml]\n", null, harness => harness.Work.Link("app/loop.yaml", target));
        Assert.Contains(why, result.Faults[0].Reason, StringComparison.Ordinal);
        Assert.Equal("app/kustomization.yaml", result.Faults[0].File);
    }

    [Theory]
    [InlineData("config.kubernetes.io/function: |\n      exec: {path: ./evil.sh}")]
    [InlineData("config.kubernetes.io/function: |\n      container: {image: evil}")]
    public async Task Render_APluginThatIsAProgram_IsRefused(string annotation)
    {
        await using var harness = await RenderHarness.StartAsync(options => options.Kustomize = "/bin/false");
        await harness.Work.WriteAsync("kustomization.yaml", "transformers: [plugin.yaml]\n");
        await harness.Work.WriteAsync("plugin.yaml", $"apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    {annotation}\n");

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec())).Faults);
        Assert.Equal(("plugin.yaml", "transformers: plugins that are programs or containers are never run"), (fault.File, fault.Reason));
    }

    [Fact]
    public async Task Render_ADirectoryOfPlugins_IsReadAsPlugins()
    {
        await using var harness = await RenderHarness.StartAsync(options => options.Kustomize = "/bin/false");
        await harness.Work.WriteAsync("kustomization.yaml", "resources: [plugins]\ngenerators: [plugins]\n");
        await harness.Work.WriteAsync("plugins/kustomization.yaml", "resources: [g.yaml]\n");
        await harness.Work.WriteAsync("plugins/g.yaml", "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: a}\nfiles: [k=http://169.254.169.254/x]\n");

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec())).Faults);
        Assert.Equal("plugins/g.yaml", fault.File);
        Assert.Contains("and it may not fetch from elsewhere", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_AnExecPluginOfTheOldForm_IsNotRun()
    {
        Tools.Require("kubectl");
        await using var harness = await RenderHarness.StartAsync();
        var mark = Path.Combine(Path.GetTempPath(), $"gog-evil-{Guid.NewGuid():N}");
        await harness.Work.WriteAsync("kustomization.yaml", "generators: [plugin.yaml]\n");
        await harness.Work.WriteAsync("plugin.yaml", "apiVersion: example.com/v1\nkind: Evil\nmetadata: {name: evil}\n");
        await harness.Work.WriteAsync("example.com/v1/evil/Evil", $"#!/bin/sh\ntouch {mark}\n");

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec())).Faults);
        Assert.Contains("plugin", fault.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task Render_AnAliasBomb_IsAFaultOfItsFile()
    {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range('b', 8).Select(letter =>
            $"{(char)letter}: &{(char)letter} [{string.Join(", ", Enumerable.Repeat($"*{(char)(letter - 1)}", 10))}]\n"));
        var fault = Assert.Single((await RenderAsync("resources: [a.yaml]\n" + bomb)).Faults);
        Assert.Equal("app/kustomization.yaml", fault.File);
        Assert.Contains("aliases expanded", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_AnAliasBombInAResource_IsEndedByALimit()
    {
        Tools.Require("kubectl");
        await using var harness = await RenderHarness.StartAsync(options => options.ToolTimeout = TimeSpan.FromSeconds(5));
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range('b', 9).Select(letter =>
            $"{(char)letter}: &{(char)letter} [{string.Join(", ", Enumerable.Repeat($"*{(char)(letter - 1)}", 10))}]\n"));
        await harness.Work.WriteAsync("kustomization.yaml", "resources: [a.yaml]\n");
        await harness.Work.WriteAsync("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + bomb);

        Assert.NotEmpty((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec())).Faults);
    }

    [Fact]
    public async Task Render_KustomizationsInACircle_EndInAFault()
    {
        Tools.Require("kubectl");
        await using var harness = await RenderHarness.StartAsync();
        await harness.Work.WriteAsync("a/kustomization.yaml", "resources: [../b]\n");
        await harness.Work.WriteAsync("b/kustomization.yaml", "resources: [../a]\n");

        var fault = Assert.Single((await harness.RenderAsync(await harness.PublishAsync(), new SourceSpec { Path = "a" })).Faults);
        Assert.Contains("cycle", fault.Reason, StringComparison.Ordinal);
    }
}
