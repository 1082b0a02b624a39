using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Writing;

/// <summary>Commits that restore paths, and their way to a real server.</summary>
public sealed class RestoreAndPushTests
{
    private const string Main = "refs/heads/main";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Push_OfARestore_MakesItTheBranchAndTouchesNothingElse(bool overHttp)
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var (work, first, second) = await BeginAsync(harness);
        var access = overHttp ? MirrorHarness.Access(work) : MirrorHarness.Access(work) with { Url = new Uri(work.BareFolder).AbsoluteUri };
        await harness.PullAsync(access);

        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml", "app/gone.yaml", "app/new"), CancellationToken.None);
        Assert.Equal(commit, await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml", "app/gone.yaml", "app/new"), CancellationToken.None));
        await harness.Writer.PushAsync(access, Main, second, commit, CancellationToken.None);

        await work.GitAsync("fetch", "--quiet", "origin");
        Assert.Equal(commit, await work.GitAsync("rev-parse", "origin/main"));
        Assert.Equal("M\tapp/changed.yaml\nA\tapp/gone.yaml\nD\tapp/new/a.yaml", await work.GitAsync("diff", "--name-status", second, commit));
        Assert.Equal("", await work.GitAsync("diff", first, commit, "--", "app/changed.yaml", "app/gone.yaml"));
        Assert.Equal("Restore\n\nWhy.|bot|bot@example.com|1700000000", (await work.GitAsync("log", "-1", "--format=%B|%an|%ae|%at", commit)).Replace("Why.\n|", "Why.|", StringComparison.Ordinal));
        Assert.Equal(second, await work.GitAsync("rev-parse", $"{commit}^"));
    }

    [Fact]
    public async Task Push_ToANewBranch_LeavesTheOtherAlone()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        var access = MirrorHarness.Access(work);
        await harness.PullAsync(access);
        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml"), CancellationToken.None);

        await harness.Writer.PushAsync(access, "refs/heads/rollback/app", null, commit, CancellationToken.None);

        await work.GitAsync("fetch", "--quiet", "origin");
        Assert.Equal((second, commit), (await work.GitAsync("rev-parse", "origin/main"), await work.GitAsync("rev-parse", "origin/rollback/app")));
        await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(access, "refs/heads/rollback/app", null, commit, CancellationToken.None), GitErrorKind.Rejected);
    }

    [Fact]
    public async Task Push_ToABranchThatMoved_IsRejectedAndMovesNothing()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        var access = MirrorHarness.Access(work);
        await harness.PullAsync(access);
        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml"), CancellationToken.None);
        var third = await work.PublishAsync("app/other.yaml", "3");

        await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(access, Main, second, commit, CancellationToken.None), GitErrorKind.Rejected);

        await work.GitAsync("fetch", "--quiet", "origin");
        Assert.Equal(third, await work.GitAsync("rev-parse", "origin/main"));
    }

    [Fact]
    public async Task Push_ThatTheServerRefuses_SaysItsWords()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        var access = MirrorHarness.Access(work);
        await harness.PullAsync(access);
        await GitProcess.RunAsync(work.BareFolder, ["config", "receive.hideRefs", "refs/heads/main"]);
        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml"), CancellationToken.None);

        var refused = await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(access, Main, second, commit, CancellationToken.None), GitErrorKind.Rejected);

        Assert.Equal("the server refuses the push: deny updating a hidden ref", refused.Message);
    }

    [Fact]
    public async Task Push_WithoutTheRightToPush_IsAccessDenied()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        var access = MirrorHarness.Access(work);
        await harness.PullAsync(access);
        await GitProcess.RunAsync(work.BareFolder, ["config", "http.receivepack", "false"]);
        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml"), CancellationToken.None);

        var refused = await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(access, Main, second, commit, CancellationToken.None), GitErrorKind.AccessDenied);

        Assert.Equal("the credentials may not push there: the server refuses access (403)", refused.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("app//x")]
    [InlineData("app/.git/config")]
    public async Task Write_OfAPathThatNamesNoFile_IsRefused(string path)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        await harness.PullAsync(MirrorHarness.Access(work));

        await MirrorHarness.FailsAsync(() => harness.Writer.WriteAsync(MirrorHarness.Access(work), Draft(second, first, path), CancellationToken.None), GitErrorKind.PathRefused);
    }

    [Fact]
    public async Task Push_ThatARepositoryOnDiskRefuses_IsRejectedAndNoDamageOfTheMirror()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var (work, first, second) = await BeginAsync(harness);
        var access = MirrorHarness.Access(work) with { Url = "file://" + work.BareFolder };
        await harness.PullAsync(access);
        var commit = await harness.Writer.WriteAsync(access, Draft(second, first, "app/changed.yaml"), CancellationToken.None);
        var lockFile = Path.Combine(work.BareFolder, "refs/heads/main.lock");
        await File.WriteAllTextAsync(lockFile, "");

        var refused = await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(access, "refs/heads/main", second, commit, CancellationToken.None), GitErrorKind.Rejected);

        Assert.StartsWith("the push is refused: ", refused.Message, StringComparison.Ordinal);
        Assert.True(await harness.Mirrors.HasCommitAsync(access, commit, CancellationToken.None));
        File.Delete(lockFile);
        await harness.Writer.PushAsync(access, "refs/heads/main", second, commit, CancellationToken.None);
        Assert.Equal(commit, await GitProcess.RunAsync(work.BareFolder, ["rev-parse", "main"]));
    }

    [Fact]
    public async Task Push_ToSomethingThatIsNoBranch_IsNotAllowed()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, _, second) = await BeginAsync(harness);

        await MirrorHarness.FailsAsync(() => harness.Writer.PushAsync(MirrorHarness.Access(work), "refs/tags/v1", null, second, CancellationToken.None), GitErrorKind.NotAllowed);
    }

    private static RestoreDraft Draft(string parent, string from, params string[] paths) =>
        new(parent, from, paths, "Restore\n\nWhy.\n", "bot", "bot@example.com", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    private static async Task<(GitWorkspace Work, string First, string Second)> BeginAsync(MirrorHarness harness)
    {
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await GitProcess.RunAsync(work.BareFolder, ["config", "http.receivepack", "true"]);
        await work.WriteAsync("app/changed.yaml", "1");
        await work.WriteAsync("app/gone.yaml", "1");
        await work.WriteAsync("other/same.yaml", "1");
        var first = await work.CommitAsync("first");
        await work.WriteAsync("app/changed.yaml", "2");
        await work.DeleteAsync("app/gone.yaml");
        await work.WriteAsync("app/new/a.yaml", "2");
        await work.WriteAsync("other/same.yaml", "2");
        var second = await work.CommitAsync("second");
        await work.PushAsync();
        return (work, first, second);
    }
}
