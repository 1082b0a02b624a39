using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

public sealed class FetchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fetch_OfOneNewCommit_IsOneRequest(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        for (var index = 0; index < 40; index++)
        {
            await work.WriteAsync("a.yaml", $"a: {index}\n");
            await work.CommitAsync($"Change {index}");
        }
        await work.PushAsync();
        await harness.PullAsync(access);
        var commit = await work.PublishAsync("a.yaml", "a: last\n");
        var listing = await harness.Mirrors.ListRefsAsync(access, ["refs/heads/main"], CancellationToken.None);

        var before = harness.Server.Requests;
        await harness.Mirrors.FetchAsync(access, listing.Refs, CancellationToken.None);
        Assert.Equal(new GitServerRequests(0, 0, 1), harness.Server.Requests - before);
        await harness.Mirrors.FetchAsync(access, listing.Refs, CancellationToken.None);
        Assert.Equal(new GitServerRequests(0, 0, 1), harness.Server.Requests - before);

        var info = await harness.Mirrors.ReadCommitAsync(access, commit, CancellationToken.None);
        Assert.Equal("Change a.yaml\n", info.Message);
        Assert.Equal("Ada Example", info.AuthorName);
        Assert.Equal("ada@example.com", info.AuthorEmail);
        Assert.Equal(await work.GitAsync("rev-parse", "HEAD^{tree}"), info.TreeId);
    }

    [Fact]
    public async Task Fetch_OfACommitThatNoRefHasToName_IsByItsId()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var pinned = await work.PublishAsync("a.yaml", "1");
        await work.PublishAsync("a.yaml", "2");
        var access = MirrorHarness.Access(work);

        await harness.Mirrors.FetchAsync(access, [new GitRef(pinned, pinned)], CancellationToken.None);

        Assert.True(await harness.Mirrors.HasCommitAsync(access, pinned, CancellationToken.None));
        await MirrorHarness.FailsAsync(() => harness.Mirrors.FetchAsync(access, [new GitRef("elsewhere", pinned)], CancellationToken.None), GitErrorKind.Malformed);
    }

    [Fact]
    public async Task Fetch_ByManyCallersAtOnce_IsOneRequest()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            harness.Mirrors.FetchAsync(MirrorHarness.Access(work), [new GitRef("refs/heads/main", commit)], CancellationToken.None)));

        Assert.Equal(1, harness.Server.Requests.Fetch);
    }

    [Fact]
    public async Task Fetch_AfterTheRepositoryWasRenamed_FollowsTheServersRedirect()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(access);
        var second = await work.PublishAsync("a.yaml", "a: 2\n");

        harness.Server.Rename("fleet", "renamed");

        Assert.Equal(second, await harness.PullAsync(access));
        var before = harness.Server.Requests;
        await harness.PullAsync(access);
        Assert.Equal(new GitServerRequests(0, 1, 0), harness.Server.Requests - before);
    }

    [Fact]
    public async Task Fetch_WithoutListingFirst_Works()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");

        await harness.Mirrors.FetchAsync(MirrorHarness.Access(work), [new GitRef("refs/heads/main", commit)], CancellationToken.None);

        Assert.True(await harness.Mirrors.HasCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None));
        Assert.Equal(new GitServerRequests(1, 0, 1), harness.Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fetch_OfAnAnnotatedTag_BringsItsCommit(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await work.BranchAsync("side");
        await work.WriteAsync("b.yaml", "b: 1\n");
        var tagged = await work.CommitAsync("Only tagged");
        await work.TagAsync("v1");

        Assert.Equal(tagged, await harness.PullAsync(MirrorHarness.Access(work), "refs/tags/v1"));
        Assert.True(await harness.Mirrors.HasCommitAsync(MirrorHarness.Access(work), tagged, CancellationToken.None));
    }

    [Fact]
    public async Task Fetch_AfterAForcePush_BringsTheNewHistoryAndKeepsTheOld()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        var root = await work.PublishAsync("a.yaml", "a: 1\n");
        var old = await work.PublishAsync("a.yaml", "a: 2\n");
        await harness.PullAsync(access);

        await work.ResetAsync(root);
        await work.WriteAsync("a.yaml", "a: 3\n");
        var rewritten = await work.CommitAsync("Rewrite");
        await work.ForcePushAsync();

        Assert.Equal(rewritten, await harness.PullAsync(access));
        Assert.False(await harness.Mirrors.IsAncestorAsync(access, old, rewritten, CancellationToken.None));
        Assert.True(await harness.Mirrors.IsAncestorAsync(access, root, rewritten, CancellationToken.None));
        Assert.True(await harness.Mirrors.IsAncestorAsync(access, rewritten, rewritten, CancellationToken.None));
        Assert.True(await harness.Mirrors.HasCommitAsync(access, old, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fetch_OfACommitTheServerDoesNotHave_IsCommitNotFound(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");

        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.FetchAsync(MirrorHarness.Access(work), [new GitRef("refs/heads/main", new string('1', 40))], CancellationToken.None),
            GitErrorKind.CommitNotFound);
    }

    [Fact]
    public async Task Fetch_OfABranchWhoseNameBecameAFolder_Works()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await work.BranchAsync("x");
        await work.PublishAsync("a.yaml", "a: 2\n");
        await harness.PullAsync(MirrorHarness.Access(work), "refs/heads/x");
        await work.DeleteRemoteBranchAsync("x");
        await work.SwitchAsync("main");
        await work.GitAsync("branch", "-D", "x");
        await work.BranchAsync("x/y");
        var commit = await work.PublishAsync("a.yaml", "a: 3\n");

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work), "refs/heads/x/y"));
    }

    [Fact]
    public async Task Fetch_OfManyRefs_IsOneRequest()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        for (var index = 0; index < 5; index++)
        {
            await work.BranchAsync($"b{index}");
            await work.PublishAsync($"{index}.yaml", "a: 1\n");
        }
        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/"], CancellationToken.None);

        await harness.Mirrors.FetchAsync(MirrorHarness.Access(work), listing.Refs, CancellationToken.None);

        Assert.Equal(5, listing.Refs.Count);
        Assert.Equal(1, harness.Server.Requests.Fetch);
        foreach (var item in listing.Refs)
            Assert.True(await harness.Mirrors.HasCommitAsync(MirrorHarness.Access(work), item.Commit, CancellationToken.None));
    }

    [Fact]
    public async Task Fetch_LargerThanAllowed_IsTooLarge()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.MaxPackBytes = 100_000);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var noise = new byte[300_000];
        new Random(1).NextBytes(noise);
        await work.PublishAsync("noise.txt", Convert.ToBase64String(noise));

        await MirrorHarness.FailsAsync(() => harness.PullAsync(MirrorHarness.Access(work)), GitErrorKind.TooLarge);
        Assert.Empty(Directory.EnumerateFiles(harness.DataDirectory, "*.pack", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Fetch_OfAPackTooLargeForMemory_Works()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var noise = new byte[3_000_000];
        new Random(1).NextBytes(noise);
        var text = Convert.ToBase64String(noise);
        var commit = await work.PublishAsync("noise.txt", text);

        await harness.PullAsync(MirrorHarness.Access(work));

        var entry = await harness.Mirrors.ResolvePathAsync(MirrorHarness.Access(work), commit, "noise.txt", CancellationToken.None);
        Assert.Equal(4_000_000, entry.Size);
        var content = await harness.Mirrors.ReadBlobsAsync(MirrorHarness.Access(work), [entry.Id], 5_000_000, CancellationToken.None);
        Assert.Equal(text, System.Text.Encoding.ASCII.GetString(content[0].Span));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(harness.DataDirectory, "incoming")));
    }

    [Fact]
    public async Task Fetch_OfAFileThatIsLargeOnceUnpacked_LeavesItsPackOutOfTheJoins()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.MaxPacks = 4);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("large.yaml", new string('0', 17 * 1024 * 1024));
        await harness.PullAsync(MirrorHarness.Access(work));
        var large = Assert.Single(Packs());
        Assert.InRange(new FileInfo(large).Length, 1, 100_000);
        for (var index = 0; index < 8; index++)
        {
            await work.PublishAsync("a.yaml", $"a: {index}\n");
            await harness.PullAsync(MirrorHarness.Access(work));
        }

        await Eventually.TrueAsync(() => Task.FromResult(Packs().Length is >= 2 and <= 3), "joined packs");
        Assert.Contains(large, Packs());

        string[] Packs() => Directory.GetFiles(harness.DataDirectory, "*.pack", SearchOption.AllDirectories);
    }

    [Fact]
    public async Task Fetch_ManyTimes_JoinsPacksAndKeepsAllCommits()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.MaxPacks = 4);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commits = new List<string>();
        for (var index = 0; index < 10; index++)
        {
            commits.Add(await work.PublishAsync("a.yaml", $"a: {index}\n"));
            await harness.PullAsync(MirrorHarness.Access(work));
        }

        await Eventually.TrueAsync(
            () => Task.FromResult(Directory.EnumerateFiles(harness.DataDirectory, "*.pack", SearchOption.AllDirectories).Count() is >= 1 and <= 3), "joined packs");
        foreach (var commit in commits)
        {
            var entry = await harness.Mirrors.ResolvePathAsync(MirrorHarness.Access(work), commit, "a.yaml", CancellationToken.None);
            var content = await harness.Mirrors.ReadBlobsAsync(MirrorHarness.Access(work), [entry.Id], 100, CancellationToken.None);
            Assert.Equal($"a: {commits.IndexOf(commit)}\n", System.Text.Encoding.ASCII.GetString(content[0].Span));
        }
    }

    [Fact]
    public async Task Fetch_ByFileUrl_Works()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var first = await work.PublishAsync("a.yaml", "a: 1\n");
        await work.TagAsync("v1");
        var access = new RepositoryAccess("fleet", "file://" + work.BareFolder, TimeSpan.FromSeconds(10));

        var listing = await harness.Mirrors.ListRefsAsync(access, [], CancellationToken.None);
        Assert.Equal([new GitRef("HEAD", first), new GitRef("refs/heads/main", first), new GitRef("refs/tags/v1", first, await work.GitAsync("rev-parse", "refs/tags/v1"))], listing.Refs);
        Assert.Equal("refs/heads/main", listing.DefaultBranch);
        Assert.Equal(first, await harness.PullAsync(access, "refs/tags/v1"));
        var second = await work.PublishAsync("a.yaml", "a: 2\n");
        Assert.Equal(second, await harness.PullAsync(access));
        Assert.Equal(0, harness.Server.Requests.Total);
        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(access with { Url = access.Url + "x" }, [], CancellationToken.None), GitErrorKind.RepositoryNotFound);
    }

    [Fact]
    public async Task Remove_OfAMirror_LeavesNothing()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));

        await harness.Mirrors.RemoveAsync("fleet", CancellationToken.None);

        Assert.False(await harness.Mirrors.HasCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(harness.DataDirectory, "mirrors")));
        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work)));
    }

    [Fact]
    public async Task Mirror_ThatIsDamagedOnDisk_IsMadeAnewByTheNextFetch()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));
        foreach (var pack in Directory.EnumerateFiles(harness.DataDirectory, "*.pack", SearchOption.AllDirectories).ToList())
        {
            var bytes = await File.ReadAllBytesAsync(pack);
            bytes.AsSpan(12, bytes.Length - 32).Clear();
            File.Delete(pack);
            await File.WriteAllBytesAsync(pack, bytes);
        }
        await harness.RestartAsync();

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None), GitErrorKind.Malformed);
        Assert.False(await harness.Mirrors.HasCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None));

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(work)));
        Assert.Equal(commit, (await harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None)).Id);
    }
}
