using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Kubernetes;
using static GitOpsGrains.Kubernetes.Tests.KubernetesFixture;

namespace GitOpsGrains.Kubernetes.Tests;

public sealed class FailingServerTests(KubernetesFixture fixture)
{
    [Fact]
    public async Task Get_FromADeadPort_IsUnreachableAndOpensTheCircuit()
    {
        await using var connection = await ConnectToAsync(FreePort.Next());

        for (var attempt = 0; attempt < 5; attempt++)
            Assert.Equal(ClusterErrorKind.Unreachable, (await GetAsync(connection)).Error?.Kind);

        Assert.True(connection.Status.CircuitOpen);
        Assert.Equal(ClusterErrorKind.Unreachable, connection.Status.LastError?.Kind);
        Assert.Equal(ClusterErrorKind.CircuitOpen, (await GetAsync(connection)).Error?.Kind);
        Assert.Equal(ClusterErrorKind.CircuitOpen, (await connection.DiscoverAsync(fresh: true, default)).Error?.Kind);
    }

    [Fact]
    public async Task Get_FromABlackHole_IsTimedOut()
    {
        // Accepts connections and never says a word.
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        await using var connection = await ConnectToAsync(((IPEndPoint)hole.LocalEndpoint).Port, options => options.ConnectTimeout = TimeSpan.FromSeconds(0.5));
        var clock = Stopwatch.StartNew();

        var answer = await GetAsync(connection);

        Assert.Equal(ClusterErrorKind.TimedOut, answer.Error?.Kind);
        Assert.Contains("no connection to", answer.Error!.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Get_FromAPausedServer_IsTimedOutAndAProbeRecovers()
    {
        await using var server = await ApiServer.StartAsync();
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile()), options => options.HeadersTimeout = TimeSpan.FromSeconds(0.5));
        Assert.True((await connection.ReadServerAsync(default)).IsSuccess);

        server.Pause();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => GetAsync(connection)));
        server.Resume();

        Assert.All(answers, answer => Assert.Equal(ClusterErrorKind.TimedOut, answer.Error?.Kind));
        Assert.Contains("gave no answer in time", answers[0].Error!.Message, StringComparison.Ordinal);
        Assert.True(connection.Status.CircuitOpen);
        Assert.Equal(16, connection.Status.Concurrency);
        await Eventually.TrueAsync(async () => (await connection.ReadServerAsync(default)).IsSuccess, "a probe that succeeds");
        Assert.False(connection.Status.CircuitOpen);
        Assert.Equal(ClusterErrorKind.NotFound, (await GetAsync(connection)).Error?.Kind);
    }

    [Fact]
    public async Task Requests_AcrossARestart_WorkAgainByThemselves()
    {
        await using var server = await ApiServer.StartAsync();
        await using var connection = await ConnectWithAsync(server.WriteKubeconfig(fixture.NewFile()), options => options.BreakerOpenFor = TimeSpan.FromSeconds(0.2));
        Assert.Equal(ClusterErrorKind.NotFound, (await GetAsync(connection)).Error?.Kind);
        await server.StopAsync();
        await Eventually.TrueAsync(
            async () => (await GetAsync(connection)).Error!.IsOfCluster && connection.Status.CircuitOpen, "an open circuit");

        await server.StartAsync();

        await Eventually.GetAsync(() => GetAsync(connection), answer => answer.Error?.Kind == ClusterErrorKind.NotFound, "answers again, without any probe");
        Assert.False(connection.Status.CircuitOpen);
    }

    [Fact]
    public async Task Get_Cancelled_Throws()
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        await using var connection = await ConnectToAsync(((IPEndPoint)hole.LocalEndpoint).Port);
        using var stop = new CancellationTokenSource();
        var get = connection.GetAsync(ConfigMaps, ConfigMap("default", "a"), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Null(connection.Status.LastError);
    }

    private Task<IClusterConnection> ConnectToAsync(int port, Action<Hosting.KubernetesOptions>? configure = null) => ConnectWithAsync(
        fixture.Server.WriteKubeconfig(
            fixture.NewFile(), "token: t", $"certificate-authority: {fixture.Server.CaFile}", new Uri($"https://127.0.0.1:{port}")), configure);

    private static Task<ClusterAnswer<Engine.Resources.LiveObject>> GetAsync(IClusterConnection connection) =>
        connection.GetAsync(ConfigMaps, ConfigMap("default", "missing"), default);
}
