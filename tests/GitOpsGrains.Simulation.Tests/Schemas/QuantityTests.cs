using System.Text.Json;
using CsCheck;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Tests.Schemas;

/// <summary>Amounts as a real server stores them.</summary>
[Collection(RealServer.Name)]
public sealed class QuantityTests(RealServer real)
{
    // Some spellings ("+1", "01", "5.", "1E3", "75.234M") a server keeps; here they are written as all others.
    private static readonly string[] Known =
    [
        "0", "0m", "0Ki", "0.0", "00", "1", "1.0", "1.5", "0.5", "0.1", ".5", "100m", "1000m", "1500m", "2000m", "1001m", "0.001", "0.0001", "1u", "1n", "0.1n", "1000000n", "999999n",
        "1k", "1000", "1000k", "1500k", "1M", "1G", "1T", "1P", "1E", "1024", "1024k", "1Ki", "1024Ki", "1000Ki", "1536Mi", "1.5Gi", "0.5Gi", "0.5Ki", "0.1Ki", "0.001Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", "1048576", "1048576Ki",
        "1e3", "1e-3", "12e6", "1.5e3", "1e10", "100e-1", "123456789", "1234567890123", "9223372036854775807", "2.5G", "1.25", "1.2345", "64Mi", "512Mi", "250m", "0.25", "10Gi", "8Gi", "12E", "8Ei", "99999999999999999999", "0.0000000001", "1e-10", "1023", "1025Ki", "0.9Ki", "1.1Ki", "3e4", "1e18", "1e19",
    ];

    [Fact]
    public async Task Canonical_IsAsTheServerStores()
    {
        var space = await real.NewNamespaceAsync();
        var max = string.Join(',', Known.Select(static (amount, at) => $"\"example.com/q{at}\":\"{amount}\""));

        var stored = await real.Server.Client.PostAsync($"/api/v1/namespaces/{space}/limitranges", $$$"""{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"q"},"spec":{"limits":[{"type":"Pod","max":{ {{{max}}} } }]} }""");
        var seen = stored.GetProperty("spec").GetProperty("limits")[0].GetProperty("max");

        var expected = Known.Select((amount, at) => $"{amount} is {seen.GetProperty($"example.com/q{at}").GetString()}");
        Assert.Equal(expected, Known.Select(static amount => $"{amount} is {Quantities.Canonical(new JsonValue(amount))}"));
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1500", "1500")]
    [InlineData("0.5", "500m")]
    [InlineData("2.0", "2")]
    public void Canonical_OfANumber_IsAText(string number, string expected)
    {
        var canonical = Quantities.Canonical(JsonNode.Parse(number)!);

        Assert.Equal((JsonValueKind.String, expected), (canonical.GetValueKind(), canonical.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mi")]
    [InlineData("1 Mi")]
    [InlineData("1mi")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e")]
    [InlineData("1e99999999999")]
    [InlineData("0x10")]
    public void Canonical_OfWhatIsNoAmount_StaysAsItIs(string text) => Assert.Equal(text, Quantities.Canonical(new JsonValue(text)).ToString());

    [Fact]
    public void Canonical_OfACanonicalAmount_IsItself() =>
        Gen.Select(Gen.Long[0, 1L << 40], Gens.AnyOf("", "n", "u", "m", "k", "M", "Ki", "Mi", "Gi")).Sample(static (number, suffix) =>
        {
            var once = Quantities.Canonical(new JsonValue($"{number}{suffix}")).ToString();

            Assert.Equal(once, Quantities.Canonical(new JsonValue(once)).ToString());
        });
}
