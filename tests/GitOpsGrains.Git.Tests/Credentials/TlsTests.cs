using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Git.Tests.Credentials;

/// <summary>Private authorities, client certificates and proxies, with a real https server.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gog-tls-");
    private readonly ServerCertificates _certificates;

    public TlsTests() => _certificates = new ServerCertificates(_folder.FullName);

    private X509Certificate2 ServerCertificate => X509CertificateLoader.LoadPkcs12(
        X509Certificate2.CreateFromPemFile(_certificates.ServerCertificateFile, _certificates.ServerKeyFile).Export(X509ContentType.Pfx), null);

    private X509Certificate2 Authority => X509CertificateLoader.LoadCertificateFromFile(_certificates.CaFile);

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Delete(true);
    }

    [Fact]
    public async Task Pull_WithAPrivateAuthority_TrustsItAndNoOther()
    {
        await using var harness = await MirrorHarness.StartAsync(certificate: ServerCertificate);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work);

        await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);
        Assert.Equal(commit, await harness.PullAsync(access with { CaFrom = harness.Secrets.Put("ca", await File.ReadAllTextAsync(_certificates.CaFile)) }));
        using var others = new ServerCertificates(Directory.CreateDirectory(Path.Combine(_folder.FullName, "others")).FullName);
        var failure = await MirrorHarness.FailsAsync(
            async () => await harness.PullAsync(access with { CaFrom = harness.Secrets.Put("other", await File.ReadAllTextAsync(others.CaFile)) }), GitErrorKind.Unreachable);
        Assert.StartsWith("TLS with 127.0.0.1:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfAHostThatTheCertificateDoesNotName_IsRefused()
    {
        await using var harness = await MirrorHarness.StartAsync(certificate: ServerCertificate);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work) with
        {
            Url = work.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal),
            CaFrom = harness.Secrets.Put("ca", await File.ReadAllTextAsync(_certificates.CaFile)),
            Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("token", "canary") },
        };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);

        Assert.Contains("RemoteCertificateNameMismatch", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, harness.Server.Requests.Total);
    }

    [Fact]
    public async Task Pull_WithAClientCertificate_GetsInAndWithoutDoesNot()
    {
        using var authority = Authority;
        await using var harness = await MirrorHarness.StartAsync(certificate: ServerCertificate, clientAuthority: authority);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var (certificate, key) = _certificates.IssueClient("bot", "readers");
        var pem = await File.ReadAllTextAsync(certificate) + "\n" + await File.ReadAllTextAsync(key);
        var access = MirrorHarness.Access(work) with { CaFrom = harness.Secrets.Put("ca", await File.ReadAllTextAsync(_certificates.CaFile)) };

        await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);
        var client = new CredentialsSpec { ClientCertificateFrom = harness.Secrets.Put("client", pem) };
        Assert.Equal(commit, await harness.PullAsync(access with { Credentials = client }));
        // Changed to one that is no good: the connection that the good one made is not used.
        harness.Secrets.Put("client", "canary-no-pem");
        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access with { Credentials = client }), GitErrorKind.SecretMissing);
        Assert.Equal("the stored credential client does not hold a certificate and its key in PEM form without passphrase", failure.Message);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("canary-proxy")]
    public async Task Pull_ThroughAProxy_UsesItExceptForTheHostsNamed(string? password)
    {
        await using var proxy = new ConnectProxy(password is null ? null : "bot", password);
        await using var harness = await MirrorHarness.StartAsync(certificate: ServerCertificate);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var spec = new ProxySpec { Url = proxy.Url, Username = password is null ? null : "bot", PasswordFrom = password is null ? null : harness.Secrets.Put("proxy", password) };
        var access = MirrorHarness.Access(work) with { CaFrom = harness.Secrets.Put("ca", await File.ReadAllTextAsync(_certificates.CaFile)), Proxy = spec };

        Assert.Equal(commit, await harness.PullAsync(access with { Proxy = spec with { NoProxy = ["127.0.0.1"] } }));
        Assert.Empty(proxy.Targets);
        Assert.Equal(commit, await harness.PullAsync(access));
        Assert.Equal([new Uri(work.Url).Authority], proxy.Targets.Distinct());
    }

    [Fact]
    public async Task Pull_ThroughAProxyThatRefuses_SaysSo()
    {
        await using var proxy = new ConnectProxy("bot", "right");
        await using var harness = await MirrorHarness.StartAsync(certificate: ServerCertificate);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work) with { Proxy = new ProxySpec { Url = proxy.Url } };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);

        Assert.StartsWith($"the proxy {proxy.Url} refuses a connection", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".corp", "git.corp", true)]
    [InlineData("*.corp", "git.corp", true)]
    [InlineData("git.corp", "GIT.corp", true)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("corp", "git.corp", false)]
    [InlineData(".corp", "corp", false)]
    [InlineData("git.corp", "git.corp.evil.net", false)]
    public void Bypass_IsByNameOrEnding(string pattern, string host, bool expected) => Assert.Equal(
        expected, new Git.Credentials.RepositoryProxy(new ProxySpec { Url = "http://proxy", NoProxy = [pattern] }, null).IsBypassed(new Uri($"https://{host}/a")));
}
