using System.Net.Http.Headers;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;
using GitOpsGrains.Git.Transport;

namespace GitOpsGrains.Git.Tests.Credentials;

public sealed class RedirectTests
{
    [Theory]
    [InlineData("http://git.example.com/a", "https://git.example.com/b", true, false)]
    [InlineData("https://git.example.com/a", "https://git.example.com/b", true, true)]
    [InlineData("https://git.example.com/a", "/b", true, true)]
    [InlineData("https://git.example.com/a", "http://git.example.com/b", false, false)]
    [InlineData("https://git.example.com/a", "https://git.example.com:8443/b", false, false)]
    [InlineData("https://git.example.com/a", "https://git.example.com.evil.net/b", false, false)]
    [InlineData("https://git.example.com/a", "//evil.net/b", false, false)]
    [InlineData("https://git.example.com/a", "https://u:p@git.example.com/b", false, false)]
    public void Follow_WithCredentials_StaysAtTheOrigin(string from, string to, bool withoutCredentials, bool withCredentials)
    {
        Assert.Equal(withoutCredentials, Follows(from, to, null));
        Assert.Equal(withCredentials, Follows(from, to, new AuthenticationHeaderValue("Bearer", "canary")));
    }

    [Fact]
    public void Follow_OfAnUrlWithAPassword_DoesNotShowIt()
    {
        var access = new HttpAccess { Url = new Uri("https://git.example.com/a"), Connection = new ConnectionSetup("") };
        var failure = Assert.Throws<GitException>(() => HttpExchange.Follow(access.Url, new Uri("https://u:hunter2@evil.net/b"), access));
        Assert.Equal("the server redirects to https://evil.net: write the URL that it redirects to, if that is meant", failure.Message);
    }

    private static bool Follows(string from, string to, AuthenticationHeaderValue? authorization)
    {
        var access = new HttpAccess { Url = new Uri(from), Authorization = authorization, Connection = new ConnectionSetup("") };
        try
        {
            return HttpExchange.Follow(access.Url, new Uri(to, UriKind.RelativeOrAbsolute), access) is not null;
        }
        catch (GitException refused) when (refused.Kind == GitErrorKind.NotAllowed)
        {
            return false;
        }
    }
}
