using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class KubeconfigTests(KubernetesFixture fixture)
{
    private ApiServer Server => fixture.Server;
    private string Authority => $"certificate-authority: {Server.CaFile}";
    private string Token => $"token: {Server.Token}";

    [Fact]
    public async Task Connect_ByClientCertificateFiles_Works()
    {
        var (certificate, key) = Server.Certificates.IssueClient("by-file", "system:masters");

        await AssertReadsAsync(Write($"client-certificate: {certificate}\nclient-key: {key}", Authority));
    }

    [Fact]
    public async Task Connect_ByInlineClientCertificateAndAuthority_Works()
    {
        var (certificate, key) = Server.Certificates.IssueClient("inline", "system:masters");

        await AssertReadsAsync(Write(
            $"client-certificate-data: {Base64(certificate)}\nclient-key-data: {Base64(key)}", $"certificate-authority-data: {Base64(Server.CaFile)}"));
    }

    [Fact]
    public async Task Connect_ByPathsBesideTheFile_Works()
    {
        var path = Write(Token, $"certificate-authority: {Path.GetFileName(Server.CaFile)}");
        var beside = Path.Combine(Path.GetDirectoryName(Server.CaFile)!, Path.GetFileName(path));
        if (beside != path) File.Copy(path, beside);

        await AssertReadsAsync(beside);
    }

    [Fact]
    public async Task Connect_ToAnAddressThatTheCertificateDoesNotName_IsRefused()
    {
        var wrong = new Uri($"https://localhost:{Server.Url.Port}");
        await using var connection = await ConnectWithAsync(Server.WriteKubeconfig(fixture.NewFile(), Token, Authority, wrong));

        var answer = await connection.ReadServerAsync(default);

        Assert.Equal(ClusterErrorKind.Untrusted, answer.Error?.Kind);
        Assert.Contains("RemoteCertificateNameMismatch", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithTlsServerName_ExpectsThatName()
    {
        var other = new Uri($"https://localhost:{Server.Url.Port}");

        await AssertReadsAsync(Server.WriteKubeconfig(
            fixture.NewFile(), Token, $"{Authority}\ntls-server-name: {ServerCertificates.ServerName}", other));
        await AssertUntrustedAsync(Server.WriteKubeconfig(fixture.NewFile(), Token, $"{Authority}\ntls-server-name: other.test", other));
    }

    [Fact]
    public async Task Connect_WithAnotherAuthority_IsRefused()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Server.Folder, Guid.NewGuid().ToString("N")));
        using var other = new ServerCertificates(folder.FullName);

        await AssertUntrustedAsync(Write(Token, $"certificate-authority: {other.CaFile}"));
        await AssertUntrustedAsync(Write(Token, "disable-compression: true"));
    }

    [Fact]
    public async Task Connect_WithInsecureSkip_WorksAndWarns()
    {
        await using var connection = await ConnectWithAsync(Write(Token, "insecure-skip-tls-verify: true"));

        var answer = await connection.ReadServerAsync(default);

        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Contains("insecure-skip-tls-verify", Assert.Single(connection.Status.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_As_ActsAsThatUser()
    {
        await using var connection = await ConnectWithAsync(Write($"{Token}\nas: jane\nas-groups: [writers]", Authority));

        var answer = await connection.GetAsync(ConfigMaps, ConfigMap("default", "a"), default);

        Assert.Equal(ClusterErrorKind.Forbidden, answer.Error?.Kind);
        Assert.Contains("\"jane\"", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithATokenFile_ReadsARenewedToken()
    {
        var file = fixture.NewFile("token");
        await File.WriteAllTextAsync(file, "expired-token\n");
        await using var connection = await ConnectWithAsync(Write($"token: not-this-one\ntokenFile: {file}", Authority));

        var expired = await connection.ReadServerAsync(default);
        await File.WriteAllTextAsync(file, Server.Token + "\n");
        var renewed = await connection.ReadServerAsync(default);

        Assert.Equal((ClusterErrorKind.Unauthorized, 401), (expired.Error!.Kind, expired.Error.StatusCode));
        Assert.True(renewed.IsSuccess, renewed.Error?.Message);
    }

    [Fact]
    public async Task Connect_WithAnExpiredToken_IsUnauthorizedAndDoesNotOpenTheCircuit()
    {
        await using var connection = await ConnectWithAsync(Write("token: expired-token", Authority));

        for (var attempt = 0; attempt < 8; attempt++)
        {
            var answer = await connection.GetAsync(ConfigMaps, ConfigMap("default", "a"), default);
            Assert.Equal(ClusterErrorKind.Unauthorized, answer.Error?.Kind);
            Assert.DoesNotContain("expired-token", answer.Error!.Message, StringComparison.Ordinal);
        }

        Assert.False(connection.Status.CircuitOpen);
    }

    [Fact]
    public async Task Connect_ToANamedContext_TakesThatOne()
    {
        var file = Write(Token, Authority);

        Assert.True((await TryConnectAsync(file, context: "test")).IsSuccess);
        var unknown = await TryConnectAsync(file, context: "other");

        Assert.Equal(ClusterErrorKind.Unauthorized, unknown.Error?.Kind);
        Assert.Contains("no context 'other'", unknown.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth-provider: {name: gcp}", "", "auth-provider 'gcp'")]
    [InlineData("token: t\nnewfangled: x", "", "'newfangled' is not supported")]
    [InlineData("token: t", "newfangled: x", "'newfangled' is not supported")]
    [InlineData("client-certificate-data: QQ==", "", "needs its key")]
    [InlineData("client-certificate-data: QQ==\nclient-key-data: QQ==", "", "no PEM")]
    [InlineData("client-key: /nowhere/key", "", "can't be read")]
    [InlineData("token: t", "certificate-authority-data: '***'", "no base64")]
    [InlineData("token: t", "proxy-url: 'ftp://proxy'", "proxy-url")]
    [InlineData("token: \"a b\"", "", "characters that no token has")]
    [InlineData("as-groups: [a]", "", "need 'as'")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}", "", "not on the administrator's list")]
    [InlineData("exec: {apiVersion: other/v1, command: aws}", "", "'other/v1' is not supported")]
    [InlineData("[", "", "no YAML")]
    public async Task Connect_WithAFieldThatCannotBeHonoured_NamesIt(string user, string cluster, string expected)
    {
        var answer = await TryConnectAsync(Write(user, cluster));

        Assert.Equal(ClusterErrorKind.Unauthorized, answer.Error?.Kind);
        Assert.Contains(expected, answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithoutAFile_NamesIt()
    {
        var answer = await TryConnectAsync("/nowhere/kubeconfig.yaml");

        Assert.Equal(ClusterErrorKind.Unauthorized, answer.Error?.Kind);
        Assert.Contains("/nowhere/kubeconfig.yaml", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ByAKubeconfigThatIsASecret_Works_AndItsFilesAreRefused()
    {
        var reference = new SecretReference { Stored = "eu" };
        var access = new ClusterAccess("eu", null, null, false) { KubeconfigFrom = reference };
        var whole = await File.ReadAllTextAsync(Write(Token, $"certificate-authority-data: {Base64(Server.CaFile)}"));

        await using var connection = (await Connector(secrets: new OneSecret(whole)).ConnectAsync(access, default)).Value!;
        Assert.Equal(Server.Version, (await connection.ReadServerAsync(default)).Value?.GitVersion);

        foreach (var text in new[] { Write(Token, Authority), Write("tokenFile: /etc/hostname", $"certificate-authority-data: {Base64(Server.CaFile)}") })
        {
            var answer = await Connector(secrets: new OneSecret(await File.ReadAllTextAsync(text))).ConnectAsync(access, default);
            Assert.Contains("names a file: a kubeconfig that is no file itself must hold the data", answer.Error!.Message, StringComparison.Ordinal);
        }
        Assert.Equal("there is no stored credential eu", (await Connector(secrets: new OneSecret(null)).ConnectAsync(access, default)).Error!.Message);
        Assert.Equal("the stored credential eu can't be read: this host reads no secrets", (await Connector().ConnectAsync(access, default)).Error!.Message);
    }

    [Fact]
    public async Task Connect_InClusterOutsideOfOne_SaysSo()
    {
        var answer = await Connector().ConnectAsync(new ClusterAccess("self", null, null, InCluster: true), default);

        Assert.Contains("doesn't run in a cluster", answer.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_InCluster_UsesTheServiceAccountOfThePod()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Server.Folder, Guid.NewGuid().ToString("N"))).FullName;
        File.Copy(Server.CaFile, Path.Combine(folder, "ca.crt"));
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), Server.Token);
        Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", "127.0.0.1");
        Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", $"{Server.Url.Port}");
        ClusterAnswer<IClusterConnection> answer;
        try
        {
            answer = await Connector(options => options.ServiceAccountFolder = folder).ConnectAsync(new ClusterAccess("self", null, null, InCluster: true), default);
        }
        finally
        {
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_HOST", null);
            Environment.SetEnvironmentVariable("KUBERNETES_SERVICE_PORT", null);
        }

        await using var connection = answer.Value!;
        Assert.Equal(Server.Version, (await connection.ReadServerAsync(default)).Value?.GitVersion);
    }

    [Fact]
    public async Task Connect_WithAProxyUrl_GoesThroughThatProxy()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        await using var connection = await ConnectWithAsync(
            Write(Token, $"{Authority}\nproxy-url: http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}"));
        var read = connection.ReadServerAsync(default);
        using var client = await proxy.AcceptTcpClientAsync();
        var line = await new StreamReader(client.GetStream()).ReadLineAsync();
        await client.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

        Assert.Equal($"CONNECT 127.0.0.1:{Server.Url.Port} HTTP/1.1", line);
        Assert.Equal(ClusterErrorKind.Unreachable, (await read).Error?.Kind);
    }

    [Fact]
    public async Task TokenFile_WithinAMinute_IsNotReadAgain()
    {
        var time = new FakeTimeProvider();
        var file = fixture.NewFile("token");
        await File.WriteAllTextAsync(file, "first");
        using var source = new Connections.Credentials.TokenFileCredentials(file, null, time);
        var first = await source.GetAsync(default);
        await File.WriteAllTextAsync(file, "second");

        Assert.Same(first, await source.GetAsync(default));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("second", (await source.GetAsync(default)).Header!.Parameter);
    }

    private string Write(string user, string cluster) => Server.WriteKubeconfig(fixture.NewFile(), user, cluster);

    private static string Base64(string file) => Convert.ToBase64String(File.ReadAllBytes(file));

    private async Task AssertReadsAsync(string kubeconfig)
    {
        await using var connection = await ConnectWithAsync(kubeconfig);
        var answer = await connection.ReadServerAsync(default);
        Assert.True(answer.IsSuccess, answer.Error?.Message);
        Assert.Equal(Server.Version, answer.Value.GitVersion);
    }

    private static async Task AssertUntrustedAsync(string kubeconfig)
    {
        await using var connection = await ConnectWithAsync(kubeconfig);
        var answer = await connection.ReadServerAsync(default);
        Assert.Equal(ClusterErrorKind.Untrusted, answer.Error?.Kind);
        Assert.StartsWith("TLS: ", answer.Error!.Message, StringComparison.Ordinal);
    }

    private sealed class OneSecret(string? value) : ISecretReader
    {
        public Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken) =>
            value is not null && purpose == SecretPurpose.Kubeconfig
                ? Task.FromResult(value)
                : Task.FromException<string>(new SecretException($"there is no {reference.Describe()}"));
    }
}
