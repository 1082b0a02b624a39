using System.Diagnostics;
using System.Security.Cryptography;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

/// <summary>Repositories that mean harm, and a disk that is full.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData("ext::sh -c 'touch MARK'")]
    [InlineData("--upload-pack=touch MARK")]
    [InlineData("file:///etc")]
    public async Task Pull_OfASubmodule_ListsItAndFollowsNothing(string url)
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var mark = Path.Combine(harness.DataDirectory, "mark");
        await work.PublishAsync(".gitmodules", $"[submodule \"m\"]\n\tpath = m\n\turl = {url.Replace("MARK", mark, StringComparison.Ordinal)}\n\tupdate = !touch {mark}\n");
        var linked = await work.HeadAsync();
        await work.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{linked},m");
        await work.GitAsync("commit", "--quiet", "-m", "A submodule");
        await work.PushAsync();
        var access = MirrorHarness.Access(work);

        var commit = await harness.PullAsync(access);
        var tree = await harness.Mirrors.ResolvePathAsync(access, commit, "", CancellationToken.None);
        var files = await harness.Mirrors.ListFilesAsync(access, tree.Id, true, CancellationToken.None);

        Assert.Equal([(".gitmodules", TreeEntryKind.Blob), ("m", TreeEntryKind.Submodule)], files.Select(file => (file.Path, file.Kind)));
        Assert.False(File.Exists(mark));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(harness.DataDirectory, "mirrors")));
    }

    [Fact]
    public async Task ListFiles_OfANameThatIsNotUtf8_IsRefused()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("good/a.yaml", "a: 1\n");
        await work.GitAsync("-c", "alias.odd=!mkdir bad && printf 'a: 1' > \"$(printf 'bad/a\\377.yaml')\"", "odd");
        await work.CommitAsync("An odd name");
        await work.PushAsync();
        // .NET can't delete such a file when the server is disposed.
        await work.GitAsync("-c", "alias.gone=!rm -r bad", "gone");
        var access = MirrorHarness.Access(work);
        var commit = await harness.PullAsync(access);
        var good = await harness.Mirrors.ResolvePathAsync(access, commit, "good", CancellationToken.None);
        var bad = await harness.Mirrors.ResolvePathAsync(access, commit, "bad", CancellationToken.None);

        Assert.Single(await harness.Mirrors.ListFilesAsync(access, good.Id, true, CancellationToken.None));
        var failure = await MirrorHarness.FailsAsync(() => harness.Mirrors.ListFilesAsync(access, bad.Id, true, CancellationToken.None), GitErrorKind.PathRefused);
        Assert.Equal("a directory of the repository holds a file name that is not UTF-8: 'a\ufffd.yaml'", failure.Message);
    }

    [Fact]
    public async Task ReadBlobs_OfAHugeOne_IsRefusedBeforeItIsUnpacked()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await using (var file = File.Create(Path.Combine(work.Folder, "huge.yaml"))) file.SetLength(200L * 1024 * 1024);
        await work.CommitAsync("A huge file");
        await work.PushAsync();
        var access = MirrorHarness.Access(work, seconds: 60);
        var commit = await harness.PullAsync(access);
        var entry = await harness.Mirrors.ResolvePathAsync(access, commit, "huge.yaml", CancellationToken.None);
        var before = GC.GetTotalAllocatedBytes();

        var failure = await MirrorHarness.FailsAsync(() => harness.Mirrors.ReadBlobsAsync(access, [entry.Id], 10 * 1024 * 1024, CancellationToken.None), GitErrorKind.TooLarge);

        Assert.Equal($"blob {entry.Id} has 209715200 bytes, more than 10485760", failure.Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50 * 1024 * 1024);
    }

    [Fact]
    public async Task Pull_AfterAForcePushToUnrelatedHistory_TellsItAndReadsBoth()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        var before = await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(access);
        await work.GitAsync("checkout", "--quiet", "--orphan", "other");
        await work.GitAsync("branch", "-D", "main");
        await work.GitAsync("branch", "-m", "main");
        await work.WriteAsync("b.yaml", "b: 1\n");
        var after = await work.CommitAsync("Another world");
        await work.ForcePushAsync();

        Assert.Equal(after, await harness.PullAsync(access));
        Assert.False(await harness.Mirrors.IsAncestorAsync(access, before, after, CancellationToken.None));
        Assert.Equal(before, (await harness.Mirrors.ReadCommitAsync(access, before, CancellationToken.None)).Id);
    }

    /// <summary>8 MB do not fit while they come in; 2.5 MB fit once, but not beside the mirror's own copy.</summary>
    [Theory]
    [InlineData(8_000_000)]
    [InlineData(2_500_000)]
    public async Task Pull_OnAFullDisk_SaysSoAndRecoversByItself(int bytes)
    {
        var disk = Directory.CreateTempSubdirectory("gog-disk-").FullName;
        if (!await RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk)) Assert.Skip("mounting a small file system needs root");
        try
        {
            await using var harness = await MirrorHarness.StartAsync(options => options.DataDirectory = disk);
            var work = await harness.Server.CreateRepositoryAsync("fleet");
            var access = MirrorHarness.Access(work);
            var small = await work.PublishAsync("a.yaml", "a: 1\n");
            await harness.PullAsync(access);
            await File.WriteAllBytesAsync(Path.Combine(work.Folder, "big"), RandomNumberGenerator.GetBytes(bytes), TestContext.Current.CancellationToken);
            var big = await work.CommitAsync("Something big");
            await work.PushAsync();

            for (var attempt = 0; attempt < 3; attempt++)
            {
                var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.DiskFull);
                Assert.Equal($"repository fleet: the disk of the mirrors is full ({disk})", failure.Message);
            }
            Assert.Equal(small, (await harness.Mirrors.ReadCommitAsync(access, small, CancellationToken.None)).Id);
            Assert.InRange(Directory.EnumerateFiles(disk, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 0, 200_000);

            Assert.True(await RunAsync("mount", "-o", "remount,size=64m", disk));
            Assert.Equal(big, await harness.PullAsync(access));
        }
        finally
        {
            await RunAsync("umount", disk);
            Directory.Delete(disk, true);
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
