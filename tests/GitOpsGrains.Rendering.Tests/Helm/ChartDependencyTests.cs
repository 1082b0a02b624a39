using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Testing.Charts;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>Dependencies that are fetched: from a real registry and from chart repositories, with private authorities and passwords.</summary>
public sealed class ChartDependencyTests : IDisposable
{
    private static readonly RenderContext Allowed = new() { Application = "shop", Permissions = new RenderPermissions { ChartDependencies = true } };

    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("gog-chart-tls-");
    private readonly ServerCertificates _certificates;

    public ChartDependencyTests() => _certificates = new ServerCertificates(_folder.FullName);

    private X509Certificate2 ServerCertificate => X509CertificateLoader.LoadPkcs12(
        X509Certificate2.CreateFromPemFile(_certificates.ServerCertificateFile, _certificates.ServerKeyFile).Export(X509ContentType.Pfx), null);

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Delete(true);
    }

    private static async Task<string> PublishAsync(RenderHarness harness, string dependencies, string? locked = null)
    {
        await harness.Work.WriteAsync("Chart.yaml", $"apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies: [{dependencies}]\n");
        await harness.Work.WriteAsync("templates/a.yaml", RenderHarness.ConfigMap("top"));
        if (locked is not null) await harness.Work.WriteAsync("Chart.lock", $"dependencies: [{locked}]\ndigest: sha256:00\ngenerated: \"2026-01-01T00:00:00Z\"\n");
        return await harness.PublishAsync();
    }

    private static string Dependency(string url, string version = "1.0.0", string name = "lib") => $"{{name: {name}, version: \"{version}\", repository: \"{url}\"}}";

    private static string[] Names(RenderResult result)
    {
        Assert.Empty(result.Faults);
        return [.. result.Set!.Objects.Select(item => $"{item.Id.Name} {BinaryOutput.Show(item).Split("\"value\":\"")[1].Split('"')[0]}")];
    }

    private static async Task<string> ReasonAsync(RenderHarness harness, string commit, RenderContext? context = null)
    {
        var result = await harness.RenderAsync(commit, new SourceSpec(), context ?? Allowed);
        var fault = Assert.Single(result.Faults);
        Assert.Equal("Chart.yaml", fault.File);
        Assert.DoesNotContain("canary", fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), fault.Reason, StringComparison.Ordinal);
        return fault.Reason;
    }

    private void Trust(RenderHarness harness, string prefix, CredentialsSpec? credentials) => harness.Secrets.Templates.Insert(0, new RepositoryCredentialsSpec
    {
        UrlPrefix = prefix, Credentials = credentials, CaFrom = harness.Secrets.Put("ca", File.ReadAllText(_certificates.CaFile)),
    });

    private static CredentialsSpec Bot(RenderHarness harness, string password) => new() { Username = "bot", PasswordFrom = harness.Secrets.Put("charts", password) };

    [Fact]
    public async Task Render_WithADependencyInARegistry_NeedsLeaveAndFetchesIt()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var registry = await ChartRegistry.StartAsync();
        var commit = await PublishAsync(harness, Dependency(registry.Url));

        Assert.StartsWith("the dependency lib is not in charts/, and it may not be fetched", await ReasonAsync(harness, commit, RenderContext.None), StringComparison.Ordinal);
        Assert.DoesNotContain("Go-http-client", registry.Log, StringComparison.Ordinal);

        Assert.Equal(["lib 1.0.0", "top 1"], Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)));
    }

    [Theory]
    [InlineData("9.9.9", "lib", "lib 9.9.9 can't be fetched from {0}: could not download {0}/lib:")]
    [InlineData("1.0.0", "none", "none 1.0.0 can't be fetched from {0}: could not download {0}/none:")]
    public async Task Render_WithADependencyThatTheRegistryDoesNotHave_NamesIt(string version, string name, string expected)
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var registry = await ChartRegistry.StartAsync();

        var reason = await ReasonAsync(harness, await PublishAsync(harness, Dependency(registry.Url, version, name)));

        Assert.StartsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, registry.Url), reason, StringComparison.Ordinal);
        Assert.EndsWith("not found", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_FromARegistryWithAPrivateAuthority_NeedsItAndThePassword()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var registry = await ChartRegistry.StartAsync(_certificates);
        var commit = await PublishAsync(harness, Dependency(registry.Url));

        // Of another path of the same host: what is for that is not for this.
        Trust(harness, $"oci://{registry.Authority}/other", Bot(harness, ChartRegistry.Password));
        Assert.Contains($"lib 1.0.0 can't be fetched from {registry.Url}", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Trust(harness, $"oci://{registry.Authority}/team", null);
        Assert.Contains("basic credential not found", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Trust(harness, $"oci://{registry.Authority}/team", Bot(harness, "canary-wrong"));
        Assert.Contains("401", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Trust(harness, $"oci://{registry.Authority}/team", Bot(harness, ChartRegistry.Password));
        Assert.Equal(["lib 1.0.0", "top 1"], Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)));
        // A rotated password holds from the next fetch on; the set that was rendered stands under the same key.
        harness.Secrets.Put("charts", "canary-wrong");
        Assert.Contains("401", await ReasonAsync(harness, commit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_FromAChartRepositoryWithAPrivateAuthority_NeedsItAndThePassword()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var charts = await ChartServer.StartAsync(ServerCertificate, "bot:canary-pw");
        var commit = await PublishAsync(harness, Dependency(charts.Url));

        Assert.Contains("certificate signed by unknown authority", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Assert.Equal(0, charts.Requests);
        Trust(harness, charts.Url, null);
        Assert.Contains("401", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Trust(harness, charts.Url, Bot(harness, "canary-wrong"));
        Assert.Contains("401", await ReasonAsync(harness, commit), StringComparison.Ordinal);
        Trust(harness, charts.Url, Bot(harness, "canary-pw"));
        Assert.Equal(["lib 1.0.0", "top 1"], Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)));
        Assert.Contains("9.9.9", await ReasonAsync(harness, await PublishAsync(harness, Dependency(charts.Url, "9.9.9"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_OfAHostThatTheCertificateDoesNotName_IsRefusedBeforeThePasswordIsSent()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var charts = await ChartServer.StartAsync(ServerCertificate, "bot:canary-pw");
        var url = charts.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        Trust(harness, url, Bot(harness, "canary-pw"));

        Assert.Contains("localhost", await ReasonAsync(harness, await PublishAsync(harness, Dependency(url))), StringComparison.Ordinal);
        Assert.Equal(0, charts.Requests);
    }

    /// <summary>Of several repositories each is asked with what is for it alone, beside charts that Git has.</summary>
    [Fact]
    public async Task Render_WithDependenciesOfManyKinds_FetchesEachItsOwnWay()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var secure = await ChartRegistry.StartAsync(_certificates);
        await using var plain = await ChartRegistry.StartAsync();
        await using var charts = await ChartServer.StartAsync(ServerCertificate, "bot:canary-pw");
        await secure.PushAsync("one", "1.1.0");
        await secure.PushAsync("two", "2.0.0-rc.1");
        await plain.PushAsync("three", "3.0.0");
        Trust(harness, secure.Url, Bot(harness, ChartRegistry.Password));
        harness.Secrets.Templates.Insert(0, new RepositoryCredentialsSpec
        {
            UrlPrefix = charts.Url, CaFrom = harness.Secrets.Put("ca", await File.ReadAllTextAsync(_certificates.CaFile)),
            Credentials = new CredentialsSpec { Username = "bot", TokenFrom = harness.Secrets.Put("token", "canary-pw") },
        });
        await HelmPackages.WriteAsync(_folder.FullName, "near", "1.0.0");
        await harness.Work.WriteAsync("charts/kept/Chart.yaml", "apiVersion: v2\nname: kept\nversion: 1.0.0\n");
        await harness.Work.WriteAsync("charts/kept/templates/a.yaml", RenderHarness.ConfigMap("kept"));
        foreach (var file in new[] { "Chart.yaml", "templates/map.yaml" })
            await harness.Work.WriteAsync("near/" + file, await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "near", file)));
        var commit = await PublishAsync(harness, string.Join(", ",
            Dependency(secure.Url, "1.1.0", "one"), Dependency(secure.Url, "2.0.0-rc.1", "two"), Dependency(plain.Url, "3.0.0", "three"), Dependency(charts.Url),
            "{name: kept, version: 1.0.0, repository: \"https://charts.invalid\"}", "{name: near, version: 1.0.0, repository: \"file://near\"}"));

        Assert.Equal(
            ["kept 1", "lib 1.0.0", "near 1.0.0", "one 1.1.0", "three 3.0.0", "top 1", "two 2.0.0-rc.1"],
            Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("^1", "1.2.0", "lib 1.2.0")]
    [InlineData("1.0.0", "1.0.0", "lib 1.0.0")]
    [InlineData("^2", "1.2.0", null)]
    [InlineData("1.0.0", "1.2.0", null)]
    public async Task Render_WithALock_FetchesWhatItSays_AndNotWhatTheChartDoesNotAllow(string range, string locked, string? expected)
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var registry = await ChartRegistry.StartAsync();
        await registry.PushAsync("lib", "1.2.0");
        await registry.PushAsync("lib", "1.3.0");
        var commit = await PublishAsync(harness, Dependency(registry.Url, range), Dependency(registry.Url, locked));

        if (expected is not null) Assert.Equal([expected, "top 1"], Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)));
        else Assert.Equal("the dependency lib stands in Chart.lock with no such version (run helm dependency update and commit the file)", await ReasonAsync(harness, commit));
    }

    [Theory]
    [InlineData("https://bot:canary@charts.invalid", "lib", "the dependency lib can't be fetched: the URL of its repository must not hold a user name or password; use credentials")]
    [InlineData("oci://charts.invalid/a/../b", "lib", "the dependency lib can't be fetched: the URL of its repository the path holds an empty part, '.' or '..', or such as an escape")]
    [InlineData("oci://charts.invalid/team", "../other/lib", "the dependency ../other/lib can't be fetched: that is no chart's name")]
    public async Task Render_WithADependencyThatCouldBeAnotherPlace_IsRefused(string url, string name, string expected)
    {
        await using var harness = await RenderHarness.StartAsync();

        Assert.Equal(expected, await ReasonAsync(harness, await PublishAsync(harness, Dependency(url, name: name))));
    }

    [Fact]
    public async Task Render_WithCredentialsThatHelmCantUse_SaysSo()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        var commit = await PublishAsync(harness, Dependency("https://charts.invalid"));
        harness.Secrets.Templates.Add(new RepositoryCredentialsSpec { UrlPrefix = "https://charts.invalid", Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("token", "canary") } });
        Assert.Contains("helm signs in with a username and a password or token only", await ReasonAsync(harness, commit), StringComparison.Ordinal);

        harness.Secrets.Templates[0] = harness.Secrets.Templates[0] with { Credentials = new CredentialsSpec { Username = "bot", PasswordFrom = new SecretReference { Stored = "gone" } } };
        Assert.EndsWith(": there is no stored credential gone", await ReasonAsync(harness, commit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ThroughAProxy_UsesItForThatRepositoryAlone()
    {
        Tools.Require("helm");
        await using var harness = await RenderHarness.StartAsync();
        await using var proxy = new ConnectProxy("bot", "canary/ü") { Everywhere = "127.0.0.1" };
        // Go never uses a proxy for a loopback address, so this one has a name.
        await using var charts = await ChartServer.StartAsync(ServerCertificate, "bot:canary-pw", ServerCertificates.ServerName);
        var url = charts.Url.Replace("127.0.0.1", ServerCertificates.ServerName, StringComparison.Ordinal);
        var commit = await PublishAsync(harness, Dependency(url));
        Trust(harness, url, Bot(harness, "canary-pw"));
        Assert.Contains("no such host", await ReasonAsync(harness, commit), StringComparison.Ordinal);

        harness.Secrets.Templates[0] = harness.Secrets.Templates[0] with { Proxy = new ProxySpec { Url = proxy.Url, Username = "bot", PasswordFrom = harness.Secrets.Put("proxy", "canary/ü") } };
        Assert.Equal(["lib 1.0.0", "top 1"], Names(await harness.RenderAsync(commit, new SourceSpec(), Allowed)));
        Assert.Equal([new Uri(url).Authority], proxy.Targets.Distinct());

        harness.Secrets.Put("proxy", "canary-wrong");
        Assert.Contains("Proxy Authentication Required", await ReasonAsync(harness, commit), StringComparison.Ordinal);
    }

    /// <summary>Through a program that notes what it is given before it becomes helm.</summary>
    [Fact]
    public async Task Render_WithSecrets_HasThemInFilesOfThisUserAndInNoArgument()
    {
        var notes = Path.Combine(_folder.FullName, "notes");
        var program = Path.Combine(_folder.FullName, "helm");
        await File.WriteAllTextAsync(program, $"""
            #!/bin/sh
            printf 'run %s\n' "$*" >> {notes}
            tr '\0' '\n' < /proc/self/environ >> {notes}
            [ "$1 $2" != "dependency build" ] || find "$3" -type f -printf 'file %m %f\n' >> {notes}
            [ "$1" != template ] || grep -rlE canary "$HOME/.." | sed 's/^/left /' >> {notes}
            exec {Tools.Require("helm")} "$@"
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var harness = await RenderHarness.StartAsync(options => options.Helm = program);
        await using var registry = await ChartRegistry.StartAsync(_certificates);
        await using var charts = await ChartServer.StartAsync(ServerCertificate, "bot:canary-pw");
        Trust(harness, registry.Url, Bot(harness, ChartRegistry.Password));
        harness.Secrets.Templates.Insert(0, harness.Secrets.Templates[0] with
        {
            UrlPrefix = charts.Url, Credentials = new CredentialsSpec { Username = "bot", PasswordFrom = harness.Secrets.Put("other", "canary-pw") },
        });
        await registry.PushAsync("one", "1.0.0");

        Names(await harness.RenderAsync(await PublishAsync(harness, $"{Dependency(registry.Url, name: "one")}, {Dependency(charts.Url)}"), new SourceSpec(), Allowed));

        var lines = await File.ReadAllLinesAsync(notes);
        Assert.Equal(2, lines.Count(line => line.StartsWith("run dependency build ", StringComparison.Ordinal)));
        Assert.Equal(
            ["file 600 Chart.yaml", "file 600 ca.pem", "file 600 registry.json", "file 600 repositories.yaml"],
            lines.Where(line => line.StartsWith("file ", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("canary", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("left ", StringComparison.Ordinal));
    }
}
