using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Fetching;

/// <summary>Fetches without history from a real server.</summary>
public sealed class ShallowTests
{
    [Fact]
    public async Task Fetch_WithoutHistory_BringsTheCommitAlone_AndWhatItHasInCommonWithTheNextOnce()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("same/large.txt", Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(200_000)));
        var first = await work.PublishAsync("app/one.yaml", "first");
        var second = await work.PublishAsync("app/one.yaml", "second");
        var access = Access(work);

        await harness.PullAsync(access);
        var (hasFirst, hasSecond) = (await harness.Mirrors.HasCommitAsync(access, first, CancellationToken.None), await harness.Mirrors.HasCommitAsync(access, second, CancellationToken.None));
        var before = PackBytes(harness);
        var third = await work.PublishAsync("app/two.yaml", "third");
        // Goes back to a blob that only the history has: the server must not take it for known.
        var fourth = await work.PublishAsync("app/one.yaml", "first");
        await harness.PullAsync(access);

        Assert.Equal((false, true), (hasFirst, hasSecond));
        Assert.False(await harness.Mirrors.HasCommitAsync(access, third, CancellationToken.None));
        Assert.True(PackBytes(harness) - before < 10_000);
        Assert.Equal("first", await ReadAsync(harness, access, fourth, "app/one.yaml"));
        Assert.Equal("second", await ReadAsync(harness, access, second, "app/one.yaml"));
        var changes = await harness.History.CompareAsync(access, second, fourth, 100, CancellationToken.None);
        Assert.Equal(["", "app", "app/one.yaml", "app/two.yaml"], changes!.Select(change => change.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Fetch_OfOneOlderCommit_BringsThatOne()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, _) = await BeginAsync(harness);
        var access = Access(work);
        await harness.PullAsync(access);

        await harness.Mirrors.FetchAsync(access, [new GitRef(first, first)], CancellationToken.None);

        Assert.Equal("first", await ReadAsync(harness, access, first, "app/one.yaml"));
    }

    [Fact]
    public async Task History_OfARepositoryWithoutIt_IsRefusedAndNoDamage()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        var access = Access(work);
        await harness.PullAsync(access);

        var blame = await MirrorHarness.FailsAsync(() => harness.History.LastChangesAsync(access, second, ["app"], 10, CancellationToken.None), GitErrorKind.NotAllowed);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.IsAncestorAsync(access, first, second, CancellationToken.None), GitErrorKind.NotAllowed);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListCommitsAsync(access, second, [], 10, CancellationToken.None), GitErrorKind.NotAllowed);

        Assert.Equal("repository fleet is fetched without its history (shallow), which this needs", blame.Message);
        Assert.Equal("second", await ReadAsync(harness, access, second, "app/one.yaml"));
    }

    [Fact]
    public async Task Restore_ToACommitThatIsFetchedForIt_IsPushedWithoutHistory()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        await GitProcess.RunAsync(work.BareFolder, ["config", "http.receivepack", "true"]);
        var access = Access(work);
        await harness.PullAsync(access);
        await harness.Mirrors.FetchAsync(access, [new GitRef(first, first)], CancellationToken.None);

        var draft = new RestoreDraft(second, first, ["app/one.yaml"], "Restore", "bot", "bot@example.com", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        var commit = await harness.Writer.WriteAsync(access, draft, CancellationToken.None);
        await harness.Writer.PushAsync(access, "refs/heads/main", second, commit, CancellationToken.None);

        Assert.Equal("first", await GitProcess.RunAsync(work.BareFolder, ["show", "main:app/one.yaml"]));
        await GitProcess.RunAsync(work.BareFolder, ["fsck", "--strict"]);
    }

    [Fact]
    public async Task Fetch_WithoutHistory_WhereThatIsNotOffered_IsRefused()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var (work, _, _) = await BeginAsync(harness);
        harness.Server.ProtocolV2 = false;

        var old = await MirrorHarness.FailsAsync(() => harness.PullAsync(Access(work)), GitErrorKind.NotAllowed);
        var local = await MirrorHarness.FailsAsync(() => harness.PullAsync(Access(work) with { Url = "file://" + work.BareFolder }), GitErrorKind.NotAllowed);

        Assert.Equal("the server does not offer fetches without history by protocol v2: leave shallow out", old.Message);
        Assert.Equal("a repository on disk can't be fetched without its history: leave shallow out", local.Message);
    }

    [Fact]
    public async Task ChangeOfMind_MakesAWholeMirror()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, first, second) = await BeginAsync(harness);
        await harness.PullAsync(Access(work));

        var whole = MirrorHarness.Access(work);
        await harness.PullAsync(whole);

        Assert.True(await harness.Mirrors.IsAncestorAsync(whole, first, second, CancellationToken.None));
        await harness.Mirrors.RemoveAsync("fleet", CancellationToken.None);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(harness.DataDirectory, "mirrors")));
    }

    private static RepositoryAccess Access(GitWorkspace work) => MirrorHarness.Access(work) with { Shallow = true };

    private static async Task<(GitWorkspace Work, string First, string Second)> BeginAsync(MirrorHarness harness)
    {
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        return (work, await work.PublishAsync("app/one.yaml", "first"), await work.PublishAsync("app/one.yaml", "second"));
    }

    private static long PackBytes(MirrorHarness harness) =>
        new DirectoryInfo(harness.DataDirectory).EnumerateFiles("*.pack", SearchOption.AllDirectories).Sum(file => file.Length);

    private static async Task<string> ReadAsync(MirrorHarness harness, RepositoryAccess access, string commit, string path)
    {
        var file = await harness.Mirrors.ResolvePathAsync(access, commit, path, CancellationToken.None);
        return Encoding.UTF8.GetString((await harness.Mirrors.ReadBlobsAsync(access, [file.Id], 1000, CancellationToken.None))[0].Span);
    }
}
