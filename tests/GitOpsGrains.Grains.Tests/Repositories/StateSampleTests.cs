using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

/// <summary>State as it is stored, some of a later version: what is read is written back.</summary>
public sealed class StateSampleTests
{
    [Fact]
    public void Repository_SampleOfNow_ReadsAndWritesBackUnchanged() => ExpectUnchanged<RepositoryState>(
        """{"Version":1,"Document":null,"Subscribers":{"default/web":["eu-1"]},"SubscriberRecords":256,"Verified":{"refs/heads/main":"0123456789abcdef0123456789abcdef01234567"},"Later":{"a":[1,null]}}""");

    [Fact]
    public void Repository_SampleFromBeforeVerification_ReadsAsNothingVerified()
    {
        var state = JsonSerializer.Deserialize<RepositoryState>("""{"Version":1,"Document":null,"Subscribers":{"default/web":["eu-1"]}}""")!;
        Assert.Empty(state.Verified);
        Assert.Equal(["eu-1"], state.Subscribers["default/web"]);
    }

    [Fact]
    public void RepositoryAddress_Sample_ReadsAndWritesBackUnchanged() =>
        ExpectUnchanged<RepositoryAddressState>("""{"Version":1,"Repositories":["fleet","web"],"Later":true}""");

    private static void ExpectUnchanged<T>(string sample) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(sample), JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<T>(sample))), typeof(T).Name);
}
