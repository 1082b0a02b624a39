using GitOpsGrains.Demo.Playing;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Demo.Tests;

public sealed class CommandTextTests
{
    private static readonly Uri Standard = new("http://127.0.0.1:8080/");

    private readonly string _folder = TestFolder.New("commands");

    [Fact]
    public void Ctl_InAWorkingTree_IsRunFromItsProject()
    {
        var project = Directory.CreateDirectory(Path.Combine(_folder, "src", "GitOpsGrains.Cli"));
        File.WriteAllText(Path.Combine(project.FullName, "GitOpsGrains.Cli.csproj"), "");

        Assert.Equal("dotnet run --project src/GitOpsGrains.Cli -- get applications", Of(Standard, "data/admin-token").Ctl("get applications"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/", "data/admin-token", null, "gitopsctl watch")]
    [InlineData("http://127.0.0.1:9090/", "data/admin-token", null, "gitopsctl watch --server http://127.0.0.1:9090")]
    [InlineData("http://127.0.0.1:8080/", "my data/admin-token", null, "gitopsctl watch --token-file 'my data/admin-token'")]
    [InlineData("http://127.0.0.1:8080/", "data/admin-token", "GITOPSGRAINS_SERVER", "gitopsctl watch --server http://127.0.0.1:8080 --token-file data/admin-token")]
    [InlineData("http://127.0.0.1:8080/", "data/admin-token", "GITOPSGRAINS_TOKEN", "gitopsctl watch --server http://127.0.0.1:8080 --token-file data/admin-token")]
    public void Ctl_NamesServerAndToken_WhereTheyWouldNotBeFound(string server, string token, string? variable, string expected) =>
        Assert.Equal(expected, Of(new Uri(server), token, variable).Ctl("watch"));

    [Fact]
    public void Ctl_AfterALogin_NamesServerAndToken()
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "gitopsgrains")).FullName, "config.json"), "{}");

        Assert.Equal("gitopsctl watch --server http://127.0.0.1:8080 --token-file data/admin-token", Of(Standard, "data/admin-token").Ctl("watch"));
    }

    [Fact]
    public void Path_OutsideTheFolder_IsWhole() =>
        Assert.Equal("/elsewhere/data", Of(Standard, "data/admin-token").PathOf("/elsewhere/data"));

    private CommandText Of(Uri server, string token, string? variable = null) => new(
        server, Path.Combine(_folder, token), _folder, _folder,
        name => name == "XDG_CONFIG_HOME" ? _folder : name == variable ? "set" : null);
}
