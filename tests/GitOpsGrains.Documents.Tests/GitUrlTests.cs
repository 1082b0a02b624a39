namespace GitOpsGrains.Documents.Tests;

public sealed class GitUrlTests
{
    [Theory]
    [InlineData("https://example.com/team/app.git", "https://example.com", true)]
    [InlineData("https://example.com/team/app.git", "https://example.com/", true)]
    [InlineData("https://example.com/team/app.git", "https://example.com/team", true)]
    [InlineData("https://example.com/team/app.git", "https://EXAMPLE.com:443/team/", true)]
    [InlineData("https://example.com/team/app.git/", "https://example.com/team/app.git", true)]
    [InlineData("https://example.com/a%20b/app", "https://example.com/a%20b", true)]
    [InlineData("https://example.com/%74eam/app", "https://example.com/team", true)]
    [InlineData("https://example.com/team-b/app.git", "https://example.com/team", false)]
    [InlineData("https://example.com/Team/app.git", "https://example.com/team", false)]
    [InlineData("https://example.com/team", "https://example.com/team/app", false)]
    [InlineData("http://example.com/team/app.git", "https://example.com/team", false)]
    [InlineData("https://example.com:8443/team/app.git", "https://example.com/team", false)]
    [InlineData("https://example.com.evil.net/team/app.git", "https://example.com", false)]
    [InlineData("https://example.com./team/app.git", "https://example.com", false)]
    [InlineData("ssh://git@example.com/team/app.git", "ssh://git@example.com/team", true)]
    [InlineData("git@example.com:team/app.git", "ssh://git@example.com/team", true)]
    [InlineData("git@example.com:team/app.git", "ssh://example.com", true)]
    [InlineData("other@example.com:team/app.git", "ssh://git@example.com", false)]
    [InlineData("ssh://git@example.com:2222/team/app.git", "ssh://git@example.com/team", false)]
    [InlineData("ssh://git@example.com/team/app.git", "https://example.com/team", false)]
    public void IsBelow_ComparesParts(string url, string prefix, bool expected) => Assert.Equal(expected, Read(url).IsBelow(Read(prefix)));

    [Theory]
    [InlineData("https://example.com/team/../secret/app")]
    [InlineData("https://example.com/team/%2e%2e/secret/app")]
    [InlineData("https://example.com/team/.%2E/app")]
    [InlineData("https://example.com/team%2fapp")]
    [InlineData("https://example.com/team%5capp")]
    [InlineData("https://example.com/team/%252e%252e/app")]
    [InlineData("https://example.com\\@evil.net/team")]
    [InlineData("https://example.com@evil.net/team")]
    [InlineData("https://example.com/team\n/app")]
    [InlineData("https://example.com//evil.net/team")]
    [InlineData("git@example.com:../team")]
    [InlineData("git@example.com:team\\app")]
    [InlineData("ssh://git@-example.com/team")]
    [InlineData("ssh://git@exa mple.com/team")]
    [InlineData("ssh://git@example.com$(id)/team")]
    [InlineData("ssh://git;id@example.com/team")]
    [InlineData("ssh:///team")]
    public void TryParse_OfAPlaceThatCouldBeAnother_IsRefused(string url)
    {
        Assert.False(GitUrl.TryParse(url, out _, out var fault));
        Assert.DoesNotContain("evil", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh://git@example.com/team/app.git", "git", "example.com", 22, "/team/app.git")]
    [InlineData("ssh://example.com:2222/~ada/app.git", null, "example.com", 2222, "~ada/app.git")]
    [InlineData("git@Example.com:team/app.git", "git", "example.com", 22, "team/app.git")]
    [InlineData("example.com:/srv/it's.git", null, "example.com", 22, "/srv/it's.git")]
    [InlineData("git@[fe80::1]:a", "git", "fe80::1", 22, "a")]
    [InlineData("git+ssh://git@example.com/a", "git", "example.com", 22, "/a")]
    public void TryParse_OfSsh_GivesWhatTheProgramIsTold(string text, string? user, string host, int port, string path)
    {
        var url = Read(text);
        Assert.Equal((user, host, port, path), (url.User, url.Host, url.Port, url.Path));
    }

    [Fact]
    public void TryParse_OfARegistry_IsRefused_AndReadOnlyWhereChartsAreMeant()
    {
        Assert.False(GitUrl.TryParse("oci://registry.example.com/charts", out _, out _));
        Assert.True(GitUrl.TryParseAny("oci://Registry.example.com:5000/charts/web", out var url, out _));
        Assert.Equal(("oci", "registry.example.com", 5000, true, false), (url.Scheme, url.Host, url.Port, url.IsRegistry, url.IsHttp));
        Assert.True(GitUrl.TryParseAny("oci://registry.example.com", out var whole, out _));
        Assert.Equal(443, whole.Port);
    }

    [Theory]
    [InlineData("oci://registry.example.com/charts", true)]
    [InlineData("oci://registry.example.com", true)]
    [InlineData("oci://registry.example.com/chart", false)]
    [InlineData("https://registry.example.com/charts", false)]
    [InlineData("oci://registry.example.com:5000/charts", false)]
    public void IsBelow_OfARegistry_IsByWholeParts(string prefix, bool expected)
    {
        Assert.True(GitUrl.TryParseAny("oci://registry.example.com/charts/web", out var url, out _));
        Assert.True(GitUrl.TryParseAny(prefix, out var parsed, out _));
        Assert.Equal(expected, url.IsBelow(parsed));
    }

    [Theory]
    [InlineData("oci://bot:evil@registry.example.com/charts")]
    [InlineData("oci://registry.example.com/a/../b")]
    [InlineData("oci://registry.example.com/a?b")]
    [InlineData("oci://")]
    public void TryParseAny_OfARegistryThatCouldBeAnother_IsRefused(string text)
    {
        Assert.False(GitUrl.TryParseAny(text, out _, out var fault));
        Assert.DoesNotContain("evil", fault, StringComparison.Ordinal);
    }

    private static GitUrl Read(string text)
    {
        Assert.True(GitUrl.TryParse(text, out var url, out var fault), fault);
        return url;
    }
}
