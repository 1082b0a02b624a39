using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

/// <summary>What was read ahead is answered from memory: who has given up already gets it, and nothing else.</summary>
public sealed class LookAheadTests
{
    [Fact]
    public async Task LookAhead_OfManyPaths_AnswersEachOfThemWithoutReadingTheMirrorAgain()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (access, commit) = await PublishAsync(harness);

        await harness.Mirrors.LookAheadAsync(access, commit, ["one", "two", "missing", "../out", "linked"], CancellationToken.None);
        await harness.Mirrors.LookAheadAsync(access, commit, ["one", "two"], CancellationToken.None);
        var gone = new CancellationToken(canceled: true);

        var one = await harness.Mirrors.ResolvePathAsync(access, commit, "one", gone);
        Assert.Equal(("one", TreeEntryKind.Tree), (one.Path, one.Kind));
        Assert.Equal(["a.yaml"], (await harness.Mirrors.ListFilesAsync(access, one.Id, false, gone)).Select(file => file.Path));
        Assert.Equal(["a.yaml"], (await harness.Mirrors.ListFilesAsync(access, one.Id, true, gone)).Select(file => file.Path));
        var two = await harness.Mirrors.ResolvePathAsync(access, commit, "two", gone);
        Assert.Equal(["b.yaml"], (await harness.Mirrors.ListFilesAsync(access, two.Id, false, gone)).Select(file => file.Path));
        Assert.Equal(["b.yaml", "in/c.yaml"], (await harness.Mirrors.ListFilesAsync(access, two.Id, true, gone)).Select(file => file.Path));
        Assert.Equal("one", (await harness.Mirrors.ResolvePathAsync(access, commit, "linked", gone)).Path);
        Assert.False(await harness.History.AnyIsLinkedAsync(access, commit, ["one", "two"], gone));
        Assert.True(await harness.History.AnyIsLinkedAsync(access, commit, ["one", "linked"], gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.Mirrors.ResolvePathAsync(access, commit, "missing", gone));
    }

    [Fact]
    public async Task LookAhead_OfWhatIsNotThere_LeavesItToWhoAsks()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (access, commit) = await PublishAsync(harness);

        await harness.Mirrors.LookAheadAsync(access, commit, ["missing", "../out"], CancellationToken.None);

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "missing", CancellationToken.None), GitErrorKind.PathNotFound);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "../out", CancellationToken.None), GitErrorKind.PathRefused);
    }

    [Fact]
    public async Task RemovedMirror_IsNotAnsweredFromMemory()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (access, commit) = await PublishAsync(harness);
        await harness.Mirrors.LookAheadAsync(access, commit, ["one"], CancellationToken.None);

        await harness.Mirrors.RemoveAsync(access.Name, CancellationToken.None);

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "one", CancellationToken.None), GitErrorKind.CommitNotFound);
    }

    private static async Task<(RepositoryAccess Access, string Commit)> PublishAsync(MirrorHarness harness)
    {
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("one/a.yaml", "a");
        await work.WriteAsync("two/b.yaml", "b");
        await work.WriteAsync("two/in/c.yaml", "c");
        work.Link("linked", "one");
        await work.CommitAsync("Files");
        await work.PushAsync();
        var access = MirrorHarness.Access(work);
        return (access, await harness.PullAsync(access));
    }
}
