using System.Text.Json.Nodes;

namespace GitOpsGrains.Deployment.Tests.Images;

/// <summary>What docker-compose.yml promises; deploy/tests/run.sh really starts it.</summary>
public sealed class ComposeTests
{
    private static readonly JsonObject Compose = Assert.Single(DeployedFiles.Parse(DeployedFiles.Read("docker-compose.yml")));

    private static JsonObject Service(string name) => Compose["services"]![name]!.AsObject();

    public static TheoryData<string> Services => [.. Compose["services"]!.AsObject().Select(static service => service.Key)];

    [Fact]
    public void Compose_HasTheServicesOfAnInstallation() =>
        Assert.Equal(["azurite", "gateway", "gitopsctl", "init", "silo-1", "silo-2"], Compose["services"]!.AsObject().Select(static service => service.Key).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_HasNoRightsNothingToWriteAndLimits(string name)
    {
        var service = Service(name);
        Assert.True(service["read_only"]!.GetValue<bool>());
        Assert.Equal("ALL", Assert.Single(service["cap_drop"]!.AsArray())!.GetValue<string>());
        Assert.Equal("no-new-privileges:true", Assert.Single(service["security_opt"]!.AsArray())!.GetValue<string>());
        Assert.NotNull(service["mem_limit"]);
        Assert.NotNull(service["pids_limit"]);
        Assert.Null(service["privileged"]);
        // The images say their user themselves; only the one that gives volumes away is root, and ends at once.
        var user = service["user"]?.GetValue<string>();
        Assert.Equal(name switch { "init" => "0:0", "azurite" => "10001:10001", _ => null }, user);
        Assert.Equal(name == "init", service["cap_add"] is not null);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_HasAPinnedImage(string name)
    {
        var image = Service(name)["image"]!.GetValue<string>();
        Assert.Matches(@"^[a-z0-9./-]+:(\d+\.\d+\.\d+|\$\{GITOPSGRAINS_VERSION:-\d+\.\d+\.\d+\})$", image);
    }

    [Theory]
    [InlineData("azurite", "init", "service_completed_successfully")]
    [InlineData("silo-1", "azurite", "service_healthy")]
    [InlineData("silo-2", "azurite", "service_healthy")]
    [InlineData("gateway", "silo-1", "service_healthy")]
    [InlineData("gateway", "silo-2", "service_healthy")]
    public void Service_WaitsForWhatItNeeds(string service, string needed, string condition)
    {
        Assert.Equal(condition, Service(service)["depends_on"]![needed]!["condition"]!.GetValue<string>());
        Assert.Equal(condition == "service_healthy", Service(needed)["healthcheck"] is not null);
    }

    [Fact]
    public void Ports_AreOpenOnLoopbackAlone()
    {
        var ports = Compose["services"]!.AsObject().SelectMany(static service => service.Value!["ports"]?.AsArray() ?? []).Select(static port => port!.GetValue<string>()).ToArray();
        Assert.Equal(2, ports.Length);
        Assert.All(ports, static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_AreKnown() => Assert.All(DeployedFiles.Settings(DeployedFiles.Read("docker-compose.yml")), static name => Assert.Null(DeployedFiles.FindUnknown(name)));

    [Theory]
    [InlineData("GITOPSGRAINS__Storage__Kind", true)]
    [InlineData("GITOPSGRAINS__Storage__Azure__ConnectionStringFile", true)]
    [InlineData("GITOPSGRAINS__Storage__Azure__ConectionString", false)]
    [InlineData("GITOPSGRAINS__Stores__Kind", false)]
    public void FindUnknown_Setting_TellsWhetherAHostReadsIt(string name, bool isKnown) => Assert.Equal(isKnown, DeployedFiles.FindUnknown(name) is null);

    [Fact]
    public void Silos_HaveNamesOfTheirOwnAndShareTheRest()
    {
        var (one, two) = (Service("silo-1")["environment"]!.AsObject(), Service("silo-2")["environment"]!.AsObject());
        Assert.Equal("silo-1", one["GITOPSGRAINS__Silo__Name"]!.GetValue<string>());
        Assert.Equal("silo-2", two["GITOPSGRAINS__Silo__Name"]!.GetValue<string>());
        Assert.Equal(
            ["GITOPSGRAINS__Silo__Address", "GITOPSGRAINS__Silo__Name"],
            one.Where(setting => !JsonNode.DeepEquals(setting.Value, two[setting.Key])).Select(static setting => setting.Key).Order(StringComparer.Ordinal));
        Assert.Contains("keys:/var/lib/gitopsgrains-keys", Service("silo-1")["volumes"]!.AsArray().Select(static volume => volume!.GetValue<string>()));
        Assert.Contains("keys:/var/lib/gitopsgrains-keys", Service("silo-2")["volumes"]!.AsArray().Select(static volume => volume!.GetValue<string>()));
    }

    [Fact]
    public void Tls_OfTheOverride_IsOfAllSilosAndTheGateway()
    {
        var more = Assert.Single(DeployedFiles.Parse(DeployedFiles.Read("docker-compose.tls.yml")))["services"]!.AsObject();
        Assert.Equal(["gateway", "silo-1", "silo-2"], more.Select(static service => service.Key).Order(StringComparer.Ordinal));
        foreach (var (name, service) in more)
        {
            var (section, folder) = name == "gateway" ? ("Gateway", "gateway") : ("Silo", "silo");
            Assert.Equal(
                new[] { ("CaFile", "ca.crt"), ("CertificateFile", "tls.crt"), ("KeyFile", "tls.key") }.Select(item => ($"GITOPSGRAINS__{section}__Tls__{item.Item1}", $"/run/gitopsgrains-tls/{item.Item2}")),
                service!["environment"]!.AsObject().Select(static setting => (setting.Key, setting.Value!.GetValue<string>())).OrderBy(static setting => setting.Key, StringComparer.Ordinal));
            // Nobody sees the key of others, nor the authority's.
            Assert.Equal($"${{GITOPSGRAINS_TLS:-./deploy/tls}}/{folder}:/run/gitopsgrains-tls:ro", Assert.Single(service["volumes"]!.AsArray())!.GetValue<string>());
        }
        Assert.All(DeployedFiles.Settings(DeployedFiles.Read("docker-compose.tls.yml")), static name => Assert.Null(DeployedFiles.FindUnknown(name)));
    }
}
