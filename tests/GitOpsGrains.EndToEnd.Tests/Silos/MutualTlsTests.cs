using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;

namespace GitOpsGrains.EndToEnd.Tests.Silos;

/// <summary>Silos and gateways that let in nobody without a certificate of their authority.</summary>
public sealed class MutualTlsTests : ApiServerFixture
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_and_a_gateway_sync_over_mutual_TLS_and_use_new_certificates_without_a_restart()
    {
        using var storage = await StorageServer.RedisAsync();
        using var authority = new PeerAuthority();
        await using var git = await GitServer.StartAsync();
        await using var group = new SiloGroup(storage.Settings);
        var first = await group.StartAsync(further: authority.Settings("Silo", "silo-a"));
        var second = await group.StartAsync(further: authority.Settings("Silo", "silo-b"));
        var gateway = await group.StartGatewayAsync(authority.Settings("Gateway", "gateway"));
        await gateway.ReadyAsync();
        var space = await NewNamespaceAsync("tls");
        var work = await git.CreateRepositoryAsync(space);
        var commit = await work.PublishAsync("app/config.yaml", Manifests.ConfigMap("one", "1"));
        await gateway.Api.ApplyAsync(
            Manifests.Cluster(FleetFixture.Cluster, Server.WriteKubeconfig(Path.Combine(Server.Folder, "tls.yaml"))) + Manifests.Repository(space, work.Url) + Manifests.Application(space, space));
        await gateway.Api.WaitSyncedAsync($"default/{space}", commit);
        foreach (var silo in new[] { first, second }) Assert.Equal("Synced", (await silo.Api.TargetAsync($"default/{space}", FleetFixture.Cluster)).Sync);
        Assert.All(new[] { first.Log, second.Log, gateway.Log }, log => Assert.DoesNotContain("Refused", log, StringComparison.Ordinal));

        // A torn pair stays out, which is told though nobody connects; the right one is used for the connections of a silo that joins, as soon
        // as its time has come.
        await File.WriteAllTextAsync(authority.CertificateFile("silo-a"), "torn", Stop);
        await Eventually.TrueAsync(() => first.Log.Contains("The changed files of TLS can't be used; the last ones stay in use. CertificateFile: ", StringComparison.Ordinal), "a refused pair", Deadline);
        var third = await group.StartAsync(further: authority.Settings("Silo", "silo-c"));
        authority.Issue("silo-a", "CN=silo-a-renewed", from: DateTimeOffset.UtcNow.AddSeconds(12));
        await Eventually.TrueAsync(() => first.Log.Contains($"CertificateFile: the certificate in '{authority.CertificateFile("silo-a")}' is valid from ", StringComparison.Ordinal), "a pair of later", Deadline);
        await Eventually.TrueAsync(() => first.Log.Contains("New connections use the certificate CN=silo-a-renewed", StringComparison.Ordinal), "the new certificate", Deadline);
        var later = await group.StartGatewayAsync(authority.Settings("Gateway", "gateway-2"));
        await later.ReadyAsync();
        Assert.True(await third.Api.IsReadyAsync());
        Assert.Contains($"\"name\":\"{space}\"", await later.Api.TextAsync("applications"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_of_another_authority_or_without_a_certificate_are_refused_with_one_line()
    {
        using var storage = await StorageServer.RedisAsync();
        using var authority = new PeerAuthority();
        using var other = new PeerAuthority();
        await using var group = new SiloGroup(storage.Settings);
        var silo = await group.StartAsync(further: authority.Settings("Silo", "silo-a"));

        var plain = await group.StartGatewayAsync();
        await Eventually.TrueAsync(() => Lines(silo.Log, "Refused a connection from 127.0.0.1: it does not speak TLS, or refuses ours") == 1, "a plain peer refused", Deadline);
        Assert.False(await plain.Api.IsReadyAsync());

        // It trusts the silo's authority, but its own certificate is another's.
        var settings = other.Settings("Gateway", "stranger");
        settings["Gateway__Tls__CaFile"] = authority.CaFile;
        var stranger = await group.StartGatewayAsync(settings);
        await Eventually.TrueAsync(() => Lines(silo.Log, "Refused a connection from 127.0.0.1: its certificate CN=stranger is not of an authority in CaFile") == 1, "a stranger refused", Deadline);
        Assert.False(await stranger.Api.IsReadyAsync());

        var elsewhere = await group.StartGatewayAsync(other.Settings("Gateway", "elsewhere"));
        await Eventually.TrueAsync(() => elsewhere.Log.Contains("its certificate CN=silo-a is not of an authority in CaFile", StringComparison.Ordinal), "the silo refused", Deadline);
        Assert.False(await elsewhere.Api.IsReadyAsync());

        await using var right = await group.StartGatewayAsync(authority.Settings("Gateway", "gateway"));
        await right.ReadyAsync();
        // However often they try.
        Assert.Equal(1, Lines(silo.Log, "it does not speak TLS, or refuses ours"));
        Assert.DoesNotContain("Orleans.Connections.Security", silo.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CaFile", "", "Silo:Tls: CertificateFile, KeyFile, CaFile belong together; CaFile is missing")]
    [InlineData("KeyFile", "/nowhere/key", "Silo:Tls:KeyFile: '/nowhere/key' can't be read")]
    [InlineData("CaFile", "KEY", "holds no certificate in PEM form")]
    [InlineData("KeyFile", "CA", "does not hold the key of the certificate")]
    [InlineData("CertificateFile", "OLD", "is valid from ")]
    public async Task A_silo_with_files_that_can_not_be_used_ends_with_one_sentence(string setting, string value, string sentence)
    {
        using var authority = new PeerAuthority();
        var settings = authority.Settings("Silo", "silo");
        authority.Issue("old", "CN=old", DateTimeOffset.UtcNow.AddMinutes(-1));
        settings[$"Silo__Tls__{setting}"] = value switch { "KEY" => authority.KeyFile("silo"), "CA" => authority.CaFile, "OLD" => authority.CertificateFile("old"), _ => value };
        if (value == "OLD") settings["Silo__Tls__KeyFile"] = authority.KeyFile("old");
        settings["Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}";

        var result = await SiloProcess.RunCommandAsync(settings, Deadline, "--data", TestFolder.New("tls"));

        Assert.Equal(2, result.ExitCode);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: Silo:Tls:", line, StringComparison.Ordinal);
        Assert.Contains(sentence, line, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", result.ToString(), StringComparison.Ordinal);
    }

    private static int Lines(string log, string text) => log.Split(text).Length - 1;
}
