using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Paths as they stand on the wire, which no client library would send.</summary>
public sealed class HostilePathTests(SimulationStage stage)
{
    [Theory]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps/../events/s", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps/%2e%2e/events/s", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps/a%2Fb", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default%2Fconfigmaps", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces//configmaps", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps/a%00b", 400)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps/a/b/c/d", 404)]
    [InlineData("/clusters/{mine}/apis", 200)]
    [InlineData("/clusters/{mine}/api/v1/nothing", 404)]
    [InlineData("/clusters/{mine}/apis/apps", 200)]
    [InlineData("/clusters/{mine}/apis/apps/v9/deployments", 404)]
    [InlineData("/clusters/{mine}", 404)]
    [InlineData("/clusters/", 404)]
    [InlineData("/clusters/../admin/clusters", 401)]
    [InlineData("/clusters/{mine}/../../admin/clusters", 401)]
    [InlineData("/admin/clusters/%2e%2e/requests", 401)]
    [InlineData("/clusters/{mine}/../{other}/api/v1/namespaces", 401)]
    [InlineData("/clusters/{mine}/%2e%2e/{other}/api/v1/namespaces", 401)]
    [InlineData("/clusters/{mine}%2F..%2F{other}/api/v1/namespaces", 404)]
    [InlineData("//clusters/{mine}/api/v1/namespaces", 404)]
    [InlineData("/", 404)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps?labelSelector=%ff&limit=1", 400)]
    [InlineData("/clusters/{mine}/api/v1/namespaces/default/configmaps?&&==&a&limit", 200)]
    public async Task Get_OfAnOddPath_IsAnsweredAndGoesNowhereElse(string path, int status)
    {
        using var mine = stage.NewCluster();
        using var other = stage.NewCluster();
        await mine.PostAsync("/api/v1/namespaces/default/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"}}""");

        var answer = await SendAsync(mine, path.Replace("{mine}", mine.Cluster.Name, StringComparison.Ordinal).Replace("{other}", other.Cluster.Name, StringComparison.Ordinal));

        Assert.Equal(status, int.Parse(answer.Split(' ')[1], null));
        Assert.DoesNotContain("\"Secret\"", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("kube-system", answer, StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(SimulatedUserClient user, string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(stage.Fleet.Url.Host, stage.Fleet.Url.Port);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(stage.Fleet.AuthorityPem);
        await using var stream = new SslStream(socket.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy });
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {user.Cluster.Users[0].Token}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
