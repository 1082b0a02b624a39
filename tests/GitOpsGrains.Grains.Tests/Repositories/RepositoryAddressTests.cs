using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

public sealed class RepositoryAddressTests
{
    [Theory]
    [InlineData("https://github.com/Org/Repo.git")]
    [InlineData("https://github.com/Org/Repo")]
    [InlineData("https://github.com/org/repo/")]
    [InlineData("http://GitHub.com:80/Org/Repo.git/")]
    [InlineData("https://user:secret@github.com/Org/Repo")]
    [InlineData("ssh://git@github.com/Org/Repo.git")]
    [InlineData("ssh://git@github.com:22/Org/Repo.git")]
    [InlineData("git+ssh://git@github.com/Org/Repo.git")]
    [InlineData("git@github.com:Org/Repo.git")]
    [InlineData("github.com:/Org/Repo")]
    public void Of_AllFormsOfAUrl_IsOne(string url) => Assert.Equal("github.com/org/repo", RepositoryAddress.Of(url));

    [Theory]
    [InlineData("https://dev.azure.com/fabrikam/Web%20Shop/_git/Site")]
    [InlineData("https://fabrikam@dev.azure.com/fabrikam/Web%20Shop/_git/Site")]
    [InlineData("git@ssh.dev.azure.com:v3/fabrikam/Web%20Shop/Site")]
    [InlineData("https://fabrikam.visualstudio.com/Web%20Shop/_git/Site")]
    [InlineData("https://fabrikam.visualstudio.com/DefaultCollection/Web%20Shop/_git/Site")]
    [InlineData("fabrikam@vs-ssh.visualstudio.com:v3/fabrikam/Web%20Shop/Site")]
    public void Of_AllFormsOfAzureDevOps_IsOne(string url) => Assert.Equal("dev.azure.com/fabrikam/web shop/_git/site", RepositoryAddress.Of(url));

    [Theory]
    [InlineData("https://git.example.com:8443/a/b.git", "git.example.com:8443/a/b")]
    [InlineData("https://fabrikam.visualstudio.com/_git/Site", "dev.azure.com/fabrikam/site/_git/site")]
    [InlineData("file:///srv/git/a.git", "file:/srv/git/a")]
    [InlineData("https://git.example.com/scm/~user/a.git", "git.example.com/scm/~user/a")]
    public void Of_Url_KeepsWhatTellsRepositoriesApart(string url, string expected) => Assert.Equal(expected, RepositoryAddress.Of(url));

    [Theory]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/.git")]
    [InlineData("javascript://github.com/a")]
    [InlineData("just text")]
    [InlineData("/srv/git")]
    [InlineData(":a")]
    [InlineData("https://github.com/a\nb")]
    public void Of_NoUrl_IsNothing(string url) => Assert.Null(RepositoryAddress.Of(url));
}
