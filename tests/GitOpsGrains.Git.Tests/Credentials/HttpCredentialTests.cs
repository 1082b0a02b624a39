using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Credentials;

public sealed class HttpCredentialTests
{
    private const string Canary = "canary-4be1-pass";

    [Fact]
    public async Task Pull_WithUserAndPassword_ReadsAPrivateRepository()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization == Basic("bot", Canary);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { Username = "bot", PasswordFrom = harness.Secrets.Put("fleet", Canary) } };

        Assert.Equal(commit, await harness.PullAsync(access));
        Assert.Equal(new GitServerRequests(1, 1, 1), harness.Server.Requests);
        await NothingShowsAsync(harness);
    }

    [Fact]
    public async Task Pull_WithAToken_SendsItAsBearerAndBesideAUserAsBasic()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization == $"Bearer {Canary}" || request.Headers.Authorization == Basic("oauth2", Canary);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var token = harness.Secrets.Put("fleet", Canary);

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = token } }));
        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { Username = "oauth2", TokenFrom = token } }));
        Assert.Equal([$"Bearer {Canary}", Basic("oauth2", Canary)], harness.Server.Authorizations.Distinct());
        await NothingShowsAsync(harness);
    }

    [Fact]
    public async Task ListRefs_AfterTheSecretChanged_UsesTheNewOne()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var right = "first";
        harness.Server.Allows = request => request.Headers.Authorization == $"Bearer {right}";
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("fleet", "first") } };
        await harness.PullAsync(access);

        right = "second";
        var refused = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.AccessDenied);
        Assert.Equal("the server refuses the credentials (401)", refused.Message);
        harness.Secrets.Put("fleet", "second");
        await harness.PullAsync(access);
    }

    [Fact]
    public async Task ListRefs_WithoutTheCredentialsOfARepositoryBefore_IsRefused()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization == $"Bearer {Canary}";
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("fleet", Canary) } });

        var refused = await MirrorHarness.FailsAsync(() => harness.PullAsync(MirrorHarness.Access(work)), GitErrorKind.AccessDenied);
        Assert.Equal("the server asks for credentials (401)", refused.Message);
        await MirrorHarness.FailsAsync(
            () => harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("other", "wrong") } }), GitErrorKind.AccessDenied);
    }

    [Fact]
    public async Task ListRefs_WhenTheSecretIsMissing_NamesTheReference()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = new SecretReference { Stored = "gone" } } };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.SecretMissing);

        Assert.Equal("there is no stored credential gone", failure.Message);
        Assert.Equal(0, harness.Server.Requests.Total);
    }

    [Theory]
    [InlineData("canary line\ncanary header: x")]
    [InlineData("canary-\u00e4")]
    public async Task ListRefs_WithATokenThatIsNone_SaysSoWithoutShowingIt(string token)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("fleet", token) } };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.SecretMissing);

        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, harness.Server.Requests.Total);
    }

    [Fact]
    public async Task ListRefs_RedirectedToAnotherOrigin_TakesNoCredentialsThere()
    {
        await using var harness = await MirrorHarness.StartAsync();
        await using var other = await GitServer.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await other.CreateRepositoryAsync("fleet");
        harness.Server.RedirectTo = other.Url;
        var access = MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("fleet", Canary) } };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.NotAllowed);

        Assert.StartsWith($"the server redirects to {other.Url}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, other.Requests.Total);
    }

    [Fact]
    public async Task Pull_OfARenamedRepository_TakesTheCredentialsAlongAtItsOrigin()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization == $"Bearer {Canary}";
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        harness.Server.Rename("fleet", "renamed");

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("fleet", Canary) } }));
    }

    [Fact]
    public async Task Pull_WithATemplate_FillsOnlyWhatTheRepositoryLeavesOpen()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization != "";
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        harness.Secrets.Template = new RepositoryCredentialsSpec { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("team", "of-the-team") } };

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work)));
        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("own", "its-own") } }));

        Assert.Equal(["Bearer of-the-team", "Bearer its-own"], harness.Server.Authorizations.Distinct());
    }

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static async Task NothingShowsAsync(MirrorHarness harness)
    {
        var encoded = Basic("bot", Canary)[^16..];
        foreach (var file in Directory.EnumerateFiles(harness.DataDirectory, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(file, Encoding.Latin1), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, harness.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(encoded, harness.Log.Text, StringComparison.Ordinal);
    }
}
