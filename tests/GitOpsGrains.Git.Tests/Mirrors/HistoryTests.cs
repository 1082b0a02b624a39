using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

/// <summary>What differs between commits, and which commit made a path what it is, held against what git itself says.</summary>
public sealed class HistoryTests
{
    private const int Plenty = 1000;

    [Fact]
    public async Task Compare_NamesEveryPathThatDiffers_AndTheDirectoriesAround()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        foreach (var path in new[] { "a/one.yaml", "a/b/two.yaml", "c/three.yaml", "d/four.yaml", "e" }) await work.WriteAsync(path, path);
        var first = await PushAsync(work, "first");
        await work.WriteAsync("a/b/two.yaml", "changed");
        await work.DeleteAsync("d/four.yaml");
        await work.DeleteAsync("e");
        await work.WriteAsync("e/five.yaml", "new");
        var second = await PushAsync(work, "second");
        await harness.PullAsync(MirrorHarness.Access(work));

        var changes = await harness.History.CompareAsync(MirrorHarness.Access(work), first, second, Plenty, CancellationToken.None);

        Assert.Equal(
            ["|True", "a|True", "a/b|True", "a/b/two.yaml|False", "d|True", "d/four.yaml|False", "e|False", "e|True", "e/five.yaml|False"],
            changes!.OrderBy(change => change.Path, StringComparer.Ordinal).ThenBy(change => change.IsDirectory).Select(change => $"{change.Path}|{change.IsDirectory}"));
        Assert.Empty((await harness.History.CompareAsync(MirrorHarness.Access(work), second, second, Plenty, CancellationToken.None))!);
        Assert.Null(await harness.History.CompareAsync(MirrorHarness.Access(work), first, second, 3, CancellationToken.None));
    }

    [Fact]
    public async Task LastChanges_OfAHistoryWithMerges_AreWhatGitLogSays()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var random = new Random(7);
        string[] paths = ["a.yaml", "x/a.yaml", "x/b.yaml", "x/y/c.yaml", "z/d.yaml", "x", "x/y", "z"];
        var files = paths.Where(path => path.EndsWith(".yaml", StringComparison.Ordinal)).ToArray();
        foreach (var file in files) await work.WriteAsync(file, "0");
        await work.CommitAsync("begin");
        for (var round = 1; round <= 12; round++)
        {
            await work.BranchAsync($"side-{round}");
            await work.WriteAsync(files[random.Next(files.Length)], $"side {round}");
            await work.CommitAsync($"side {round}");
            await work.SwitchAsync("main");
            if (round % 3 == 0)
            {
                await work.WriteAsync($"other/{round}.yaml", "x");
                await work.CommitAsync($"main {round}");
            }
            await work.GitAsync("merge", "--quiet", "--no-ff", "-m", $"merge {round}", $"side-{round}");
            if (round % 4 == 0)
            {
                await work.WriteAsync(files[random.Next(files.Length)], $"main {round}");
                await work.CommitAsync($"direct {round}");
            }
        }
        await work.PushAsync();
        var tip = await harness.PullAsync(MirrorHarness.Access(work));

        var found = await harness.History.LastChangesAsync(MirrorHarness.Access(work), tip, [.. paths, "none.yaml"], Plenty, CancellationToken.None);

        Assert.Equal(paths.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach (var path in paths) Assert.Equal((path, await work.GitAsync("log", "-1", "--format=%H", "--", path)), (path, found[path].Id));
    }

    [Fact]
    public async Task LastChanges_FurtherBackThanTheLimit_AreMissing()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("old.yaml", "1");
        await work.CommitAsync("old");
        for (var round = 0; round < 5; round++)
        {
            await work.WriteAsync("new.yaml", $"{round}");
            await work.CommitAsync($"new {round}");
        }
        await work.PushAsync();
        var tip = await harness.PullAsync(MirrorHarness.Access(work));

        var found = await harness.History.LastChangesAsync(MirrorHarness.Access(work), tip, ["old.yaml", "new.yaml"], 3, CancellationToken.None);

        Assert.Equal([("new.yaml", tip)], found.Select(item => (item.Key, item.Value.Id)));
    }

    /// <summary>What is not UTF-8 is shown with the same sign, whatever it is.</summary>
    [Fact]
    public async Task Compare_NamesThatReadTheSame_CanNotBeTold()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("one.yaml", "1");
        var first = await PushAsync(work, "first");
        var blob = Convert.FromHexString(await work.GitAsync("rev-parse", "HEAD:one.yaml"));
        byte[] Entry(byte letter) => [.. "100644 f"u8, letter, .. ".txt\0"u8, .. blob];
        var tree = await work.WriteObjectAsync("tree", [.. Entry(0xe4), .. Entry(0xf6)]);
        var second = await work.GitAsync("commit-tree", tree, "-p", first, "-m", "second");
        await work.GitAsync("reset", "--quiet", "--soft", second);
        await work.PushAsync();
        await harness.PullAsync(MirrorHarness.Access(work));

        Assert.Null(await harness.History.CompareAsync(MirrorHarness.Access(work), first, second, Plenty, CancellationToken.None));
        Assert.Null(await harness.History.CompareAsync(MirrorHarness.Access(work), second, first, Plenty, CancellationToken.None));
    }

    private static async Task<string> PushAsync(GitWorkspace work, string message)
    {
        var commit = await work.CommitAsync(message);
        await work.PushAsync();
        return commit;
    }
}
