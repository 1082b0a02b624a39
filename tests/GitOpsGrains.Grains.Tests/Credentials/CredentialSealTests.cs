using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Credentials;
using Microsoft.AspNetCore.DataProtection;

namespace GitOpsGrains.Grains.Tests.Credentials;

public sealed class CredentialSealTests
{
    private static readonly Dictionary<SecretPurpose, string> Values = new() { [SecretPurpose.Token] = "canary-7712" };
    private readonly CredentialSeal _seal = new(new EphemeralDataProtectionProvider());

    [Fact]
    public void Open_OfWhatWasClosed_GivesTheValues()
    {
        var closed = _seal.Close("a", "https://example.com", Values);

        Assert.Equal(Values, _seal.Open("a", "https://example.com", closed));
        Assert.DoesNotContain("canary", closed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b", "https://example.com")]
    [InlineData("a", "https://example.com/evil")]
    public void Open_UnderAnotherNameOrPrefix_IsRefused(string name, string prefix)
    {
        var closed = _seal.Close("a", "https://example.com", Values);
        Assert.Throws<SecretException>(() => _seal.Open(name, prefix, closed));
    }

    [Fact]
    public void Open_WithOtherKeysOrOfNonsense_IsRefused()
    {
        var closed = new CredentialSeal(new EphemeralDataProtectionProvider()).Close("a", "https://example.com", Values);
        Assert.Throws<SecretException>(() => _seal.Open("a", "https://example.com", closed));
        Assert.Throws<SecretException>(() => _seal.Open("a", "https://example.com", "not base64"));
    }

    /// <summary>As the first version of the product stored it: must be read for ever.</summary>
    [Theory]
    [InlineData(typeof(CredentialState), """{"Version":1,"UrlPrefix":"https://example.com","Purposes":[1,2],"Ciphertext":"AAAA","Later":true}""")]
    [InlineData(typeof(RepositoryCredentialsState), """{"Version":1,"Documents":{},"Later":true}""")]
    public void State_OfBefore_IsReadAndWrittenBack(Type type, string stored)
    {
        var state = JsonSerializer.Deserialize(stored, type);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(stored), JsonSerializer.SerializeToNode(state, type)));
    }

    [Theory]
    [InlineData("https://example.com/team/app", "team")]
    [InlineData("https://example.com/team-b/app", "all")]
    [InlineData("https://example.com/team/app/deep", "app")]
    [InlineData("https://elsewhere.com/team", null)]
    [InlineData("git@example.com:team/app", "git")]
    [InlineData("ada@example.com:team/app", "ssh")]
    [InlineData("nonsense", null)]
    public void Longest_OfManyPrefixes_Wins(string url, string? expected)
    {
        var documents = new (string Name, string Prefix)[]
        {
            ("all", "https://example.com"), ("app", "https://example.com/team/app/deep"), ("team", "https://example.com/team"),
            ("ssh", "ssh://example.com"), ("git", "ssh://git@example.com"),
        }.Select(entry => new RepositoryCredentialsDocument
        {
            Metadata = new DocumentMetadata { Name = entry.Name },
            Spec = new RepositoryCredentialsSpec { UrlPrefix = entry.Prefix },
        });

        Assert.Equal(expected, new PrefixMatch(documents).Longest(url)?.Metadata.Name);
    }
}
