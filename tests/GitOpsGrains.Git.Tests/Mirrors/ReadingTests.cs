using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

public sealed class ReadingTests
{
    [Fact]
    public async Task ListFiles_OfATree_IsInOrderAndTellsKinds()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("apps/b.yaml", "b");
        await work.WriteAsync("apps/a/z.yaml", "zz");
        await work.WriteAsync("apps/a.yaml", "aaa");
        work.Link("apps/link.yaml", "a.yaml");
        await work.CommitAsync("Files");
        await work.PushAsync();
        var commit = await harness.PullAsync(MirrorHarness.Access(work));

        var tree = await harness.Mirrors.ResolvePathAsync(MirrorHarness.Access(work), commit, "apps", CancellationToken.None);
        var flat = await harness.Mirrors.ListFilesAsync(MirrorHarness.Access(work), tree.Id, false, CancellationToken.None);
        var deep = await harness.Mirrors.ListFilesAsync(MirrorHarness.Access(work), tree.Id, true, CancellationToken.None);

        Assert.Equal(TreeEntryKind.Tree, tree.Kind);
        Assert.Equal(["a.yaml", "b.yaml", "link.yaml"], flat.Select(file => file.Path));
        Assert.Equal(
            [("a.yaml", TreeEntryKind.Blob, 3), ("a/z.yaml", TreeEntryKind.Blob, 2), ("b.yaml", TreeEntryKind.Blob, 1), ("link.yaml", TreeEntryKind.SymbolicLink, 6L)],
            deep.Select(file => (file.Path, file.Kind, file.Size)));
    }

    [Fact]
    public async Task ListFiles_OfATreeBomb_IsTooLarge()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.MaxTreeEntries = 10_000);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a");
        // Each tree names the one before ten times: 10^8 files in nine objects.
        var tree = await work.GitAsync("rev-parse", "HEAD^{tree}");
        for (var level = 0; level < 8; level++)
        {
            var lines = string.Concat(Enumerable.Range(0, 10).Select(index => $"040000 tree {tree}\td{index}\n"));
            await work.WriteAsync("../tree.txt", lines);
            tree = await work.GitAsync("-c", "alias.mk=!git mktree < ../tree.txt", "mk");
        }
        var bomb = await work.GitAsync("commit-tree", "-m", "Bomb", tree);
        await work.GitAsync("update-ref", "refs/heads/main", bomb);
        await work.ForcePushAsync();
        await harness.PullAsync(MirrorHarness.Access(work));

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListFilesAsync(MirrorHarness.Access(work), tree, true, CancellationToken.None), GitErrorKind.TooLarge);
    }

    [Theory]
    [InlineData("", "", TreeEntryKind.Tree)]
    [InlineData(".", "", TreeEntryKind.Tree)]
    [InlineData("apps/", "apps", TreeEntryKind.Tree)]
    [InlineData("./apps/a.yaml", "apps/a.yaml", TreeEntryKind.Blob)]
    [InlineData("current", "apps", TreeEntryKind.Tree)]
    [InlineData("current/a.yaml", "apps/a.yaml", TreeEntryKind.Blob)]
    [InlineData("deep/up/a.yaml", "apps/a.yaml", TreeEntryKind.Blob)]
    public async Task ResolvePath_ThroughLinksInsideTheTree_FindsTheEntry(string path, string at, TreeEntryKind kind)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var commit = await PublishLinksAsync(harness);

        var entry = await harness.Mirrors.ResolvePathAsync(Access(harness), commit, path, CancellationToken.None);

        Assert.Equal((at, kind), (entry.Path, entry.Kind));
    }

    [Theory]
    [InlineData("missing", GitErrorKind.PathNotFound)]
    [InlineData("apps/a.yaml/more", GitErrorKind.PathNotFound)]
    [InlineData("dangling", GitErrorKind.PathNotFound)]
    [InlineData("../fleet", GitErrorKind.PathRefused)]
    [InlineData("apps/../apps", GitErrorKind.PathRefused)]
    [InlineData("/apps", GitErrorKind.PathRefused)]
    [InlineData("apps\\a.yaml", GitErrorKind.PathRefused)]
    [InlineData("outside", GitErrorKind.PathRefused)]
    [InlineData("absolute", GitErrorKind.PathRefused)]
    [InlineData("circle", GitErrorKind.PathRefused)]
    public async Task ResolvePath_OfWhatIsNotThere_SaysWhy(string path, GitErrorKind kind)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var commit = await PublishLinksAsync(harness);

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(Access(harness), commit, path, CancellationToken.None), kind);
    }

    [Fact]
    public async Task ReadBlobs_InAnyOrder_GivesContentsInThatOrder()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("a", "first");
        await work.WriteAsync("b", "");
        await work.WriteAsync("c", new string('x', 5000));
        await work.CommitAsync("Files");
        await work.PushAsync();
        var commit = await harness.PullAsync(MirrorHarness.Access(work));
        var tree = await harness.Mirrors.ResolvePathAsync(MirrorHarness.Access(work), commit, "", CancellationToken.None);
        var files = await harness.Mirrors.ListFilesAsync(MirrorHarness.Access(work), tree.Id, true, CancellationToken.None);

        var contents = await harness.Mirrors.ReadBlobsAsync(
            MirrorHarness.Access(work), [files[2].Id, files[0].Id, files[1].Id, files[0].Id], 5000, CancellationToken.None);

        Assert.Equal([new string('x', 5000), "first", "", "first"], contents.Select(content => Encoding.UTF8.GetString(content.Span)));
        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ReadBlobsAsync(MirrorHarness.Access(work), [files[2].Id], 4999, CancellationToken.None), GitErrorKind.TooLarge);
    }

    [Fact]
    public async Task ReadCommit_ThatIsNotThere_IsCommitNotFound()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), new string('1', 40), CancellationToken.None), GitErrorKind.CommitNotFound);
        await work.PublishAsync("a", "a");
        await harness.PullAsync(MirrorHarness.Access(work));
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), new string('1', 40), CancellationToken.None), GitErrorKind.CommitNotFound);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), "main", CancellationToken.None), GitErrorKind.CommitNotFound);
    }

    [Fact]
    public async Task ReadCommit_WithALongMessage_IsCut()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("a", "a");
        await work.CommitAsync(new string('m', 10_000));
        await work.PushAsync();
        var commit = await harness.PullAsync(MirrorHarness.Access(work));

        var info = await harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(work), commit, CancellationToken.None);

        Assert.Equal(new string('m', 4096), info.Message);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_002), info.Time);
    }

    private static RepositoryAccess Access(MirrorHarness harness) => new("fleet", harness.Server.UrlOf("fleet"), TimeSpan.FromSeconds(10));

    private static async Task<string> PublishLinksAsync(MirrorHarness harness)
    {
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("apps/a.yaml", "a: 1\n");
        work.Link("current", "apps");
        work.Link("deep/up", "../current");
        work.Link("dangling", "nothing");
        work.Link("outside", "apps/../../etc");
        work.Link("absolute", "/etc/passwd");
        work.Link("circle", "circle");
        await work.CommitAsync("Links");
        await work.PushAsync();
        return await harness.PullAsync(Access(harness));
    }

    [Fact]
    public async Task FindCommit_FirstDigits_NameACommitOnly()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        Assert.Null(await harness.Mirrors.FindCommitAsync(access, "0123456", CancellationToken.None));
        await work.PublishAsync("a.yaml", "a");
        var commit = await harness.PullAsync(access);
        var blob = await work.GitAsync("rev-parse", "HEAD:a.yaml");

        Assert.Equal(commit, await harness.Mirrors.FindCommitAsync(access, commit[..7], CancellationToken.None));
        Assert.Null(await harness.Mirrors.FindCommitAsync(access, commit[..6], CancellationToken.None));
        Assert.Null(await harness.Mirrors.FindCommitAsync(access, blob[..7], CancellationToken.None));
        Assert.Null(await harness.Mirrors.FindCommitAsync(access, "0000000", CancellationToken.None));
    }

    [Fact]
    public async Task FindCommit_DigitsOfSeveralObjects_IsAmbiguous()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var (first, second, digits) = SevenDigitsTwice();
        await work.WriteAsync("first", first);
        await work.PublishAsync("second", second);
        await harness.PullAsync(MirrorHarness.Access(work));
        await MirrorHarness.FailsAsync(() => harness.Mirrors.FindCommitAsync(MirrorHarness.Access(work), digits, CancellationToken.None), GitErrorKind.Ambiguous);
    }

    /// <summary>Two texts whose blobs' ids begin alike.</summary>
    private static (string First, string Second, string Digits) SevenDigitsTwice()
    {
        var seen = new Dictionary<string, string>();
        for (var number = 0; ; number++)
        {
            var text = $"text {number}";
#pragma warning disable CA5350 // It is the hash that Git has.
            var digits = Convert.ToHexStringLower(SHA1.HashData(Encoding.ASCII.GetBytes($"blob {text.Length}\0{text}")))[..7];
#pragma warning restore CA5350
            if (!seen.TryAdd(digits, text)) return (seen[digits], text, digits);
        }
    }
}
