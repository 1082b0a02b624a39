using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Git.Tests.Submodules;

/// <summary>Submodules on real servers: what is read of them, whom they are asked of, and which are not followed.</summary>
public sealed class SubmoduleTests
{
    [Fact]
    public async Task Read_OfASubmoduleByRelativeUrl_ShowsItsFilesAtTheRecordedCommit()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, module, recorded) = await BeginAsync(harness, "../module.git");
        await module.PublishAsync("app/later.yaml", "later");

        var access = Access(work);
        var commit = await harness.PullAsync(access);

        Assert.Equal([("libs/m/app/one.yaml", "one")], await ReadAllAsync(harness, access, commit, "libs"));
        var inside = await harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None);
        Assert.Equal((TreeEntryKind.Tree, await module.GitAsync("rev-parse", recorded + ":app")), (inside.Kind, inside.Id));
        Assert.Equal(new GitServerRequests(1, 0, 1), harness.Server.RequestsFor("module"));
    }

    [Fact]
    public async Task Submodule_IsFetchedWithinTheBudgetOfItsServer_OnePlaceForEachRequest()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, module, _) = await BeginAsync(harness, "../module.git");
        var access = Access(work);
        var commit = await harness.PullAsync(access);
        var room = new TaskCompletionSource();
        harness.Budgets.Room = room.Task;

        var reading = harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None);
        await Eventually.TrueAsync(() => !harness.Budgets.Places.IsEmpty, "a place is asked for");
        Assert.Equal((false, 0), (reading.IsCompleted, harness.Server.RequestsFor("module").Total));
        room.SetResult();

        Assert.Equal(TreeEntryKind.Tree, (await reading).Kind);
        Assert.Equal([module.Url], harness.Budgets.Places);
        await harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None);
        Assert.Single(harness.Budgets.Places);
    }

    [Fact]
    public async Task Submodule_OfAServerThatAsksForAPause_IsNotAskedForMeanwhile()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var harness = await MirrorHarness.StartAsync(time: time);
        var (work, module, _) = await BeginAsync(harness, "../module.git");
        var access = Access(work);
        var commit = await harness.PullAsync(access);
        harness.Server.RetryAfter = "120";
        harness.Server.Misbehave(GitServerFault.TooManyRequests, "module");

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None), GitErrorKind.Submodule);
        Assert.Equal(TimeSpan.FromSeconds(120), harness.Budgets.Pauses[module.Url]);
        var asked = harness.Server.RequestsFor("module").Total;
        // When a failure is not held any more.
        time.Advance(TimeSpan.FromSeconds(31));
        var paused = await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None), GitErrorKind.Submodule);

        Assert.Equal("the submodule 'libs/m' can't be fetched: the server asks to be left alone for 120 s more", paused.Message);
        Assert.Equal(asked, harness.Server.RequestsFor("module").Total);
        harness.Budgets.Pauses.Clear();
        harness.Server.Misbehave(GitServerFault.None, "module");
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(TreeEntryKind.Tree, (await harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None)).Kind);
    }

    [Fact]
    public async Task Read_OfAPathWithoutSubmodules_AsksForNone()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, _, _) = await BeginAsync(harness, "../module.git");

        var access = Access(work);
        var commit = await harness.PullAsync(access);
        await harness.Mirrors.ResolvePathAsync(access, commit, "app", CancellationToken.None);

        Assert.Equal(new GitServerRequests(0, 0, 0), harness.Server.RequestsFor("module"));
    }

    [Fact]
    public async Task Read_WithoutBeingAskedFor_FollowsNone()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, _, _) = await BeginAsync(harness, "../module.git");

        var access = MirrorHarness.Access(work);
        var commit = await harness.PullAsync(access);
        var files = await harness.Mirrors.ListFilesAsync(access, (await harness.Mirrors.ResolvePathAsync(access, commit, "libs", CancellationToken.None)).Id, true, CancellationToken.None);

        Assert.Equal([("m", TreeEntryKind.Submodule)], files.Select(file => (file.Path, file.Kind)));
        var refused = await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None), GitErrorKind.PathRefused);
        Assert.Equal("the path 'libs/m/app' is refused: 'm' is a submodule, which is not fetched; submodules.fetch of the repository asks for it", refused.Message);
        Assert.Equal(new GitServerRequests(0, 0, 0), harness.Server.RequestsFor("module"));
    }

    [Fact]
    public async Task Submodule_IsAskedForWithTheCredentialsOfItsOwnUrl_AndNeverWithItsParents()
    {
        await using var harness = await MirrorHarness.StartAsync();
        await using var elsewhere = await GitServer.StartAsync();
        var other = await elsewhere.CreateRepositoryAsync("module");
        var recorded = await other.PublishAsync("app/one.yaml", "one");
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.SetSubmoduleAsync("m", other.Url, recorded);
        await work.CommitAsync("A submodule");
        await work.PushAsync();
        var access = Access(work, elsewhere.Url) with { Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("parent", "of-the-parent") } };

        var commit = await harness.PullAsync(access);
        harness.Secrets.Template = new RepositoryCredentialsSpec { UrlPrefix = elsewhere.Url, Credentials = new CredentialsSpec { TokenFrom = harness.Secrets.Put("module", "of-the-module") } };

        Assert.Equal([("m/app/one.yaml", "one")], await ReadAllAsync(harness, access, commit, "m"));
        Assert.Equal(["Bearer of-the-module"], elsewhere.Authorizations.Distinct());
        Assert.Equal(["Bearer of-the-parent"], harness.Server.Authorizations.Distinct());
    }

    [Fact]
    public async Task SubmodulesInSubmodules_AreReadFourDeep_AndNoDeeper()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var below = await harness.Server.CreateRepositoryAsync("m5");
        var commit = await below.PublishAsync("five.yaml", "5");
        for (var level = 4; level >= 0; level--)
        {
            var work = await harness.Server.CreateRepositoryAsync($"m{level}");
            await work.WriteAsync($"{level}.yaml", $"{level}");
            await work.SetSubmoduleAsync("in", $"../m{level + 1}.git", commit);
            commit = await work.CommitAsync("A submodule");
            await work.PushAsync();
            below = work;
        }
        var access = Access(below);
        await harness.PullAsync(access);

        Assert.Equal("4", await ReadAsync(harness, access, commit, "in/in/in/in/4.yaml"));
        var tooDeep = await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "in/in/in/in/in/five.yaml", CancellationToken.None), GitErrorKind.Submodule);
        Assert.Equal("the submodule 'in/in/in/in/in' is nested deeper than 4", tooDeep.Message);
        Assert.Equal(new GitServerRequests(0, 0, 0), harness.Server.RequestsFor("m5"));
    }

    [Theory]
    [InlineData("ext::sh -c 'touch MARK'", "its URL can't be used: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("--upload-pack=touch MARK", "its URL can't be used: must begin with https://, http://, ssh:// or file://, or be user@host:path")]
    [InlineData("ssh://-oProxyCommand=touch/x", "its URL can't be used: the host is none")]
    [InlineData("https://user:hunter2@127.0.0.1/x.git", "its URL can't be used: must not hold a user name or password; use credentials")]
    [InlineData("file:///etc", "its file URL is not below one of the repository's submodules.urlPrefixes")]
    [InlineData("http://169.254.169.254/latest", "its URL is of http://169.254.169.254, which is not below one of the repository's submodules.urlPrefixes")]
    [InlineData("../../../other.git", "its relative URL leaves the server")]
    public async Task Submodule_OfAUrlThatIsNotAllowed_IsNotFollowed(string url, string fault)
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var mark = Path.Combine(harness.DataDirectory, "mark");
        var (work, _, _) = await BeginAsync(harness, url.Replace("MARK", mark, StringComparison.Ordinal));
        var access = Access(work);
        var commit = await harness.PullAsync(access);

        var refused = await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None), GitErrorKind.Submodule);
        var listed = await MirrorHarness.FailsAsync(() => ReadAllAsync(harness, access, commit, "libs"), GitErrorKind.Submodule);

        Assert.Equal($"the submodule 'libs/m' is not followed: {fault}", refused.Message);
        Assert.Equal(refused.Message, listed.Message);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task Submodule_ThatCannotBeHad_FailsOnlyWhoReadsIt_AndIsNotAskedForAgainByEverybody()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, _, _) = await BeginAsync(harness, "../nowhere.git");
        var access = Access(work);
        var commit = await harness.PullAsync(access);

        var first = await MirrorHarness.FailsAsync(() => harness.Mirrors.ResolvePathAsync(access, commit, "libs/m/app", CancellationToken.None), GitErrorKind.Submodule);
        var second = await MirrorHarness.FailsAsync(() => ReadAllAsync(harness, access, commit, "libs"), GitErrorKind.Submodule);

        Assert.Equal("the submodule 'libs/m' can't be fetched: the server knows no such repository", first.Message.Split(',')[0]);
        Assert.Equal(first.Message, second.Message);
        Assert.Equal(1, harness.Server.RequestsFor("nowhere").InfoRefs);
        Assert.Equal([("app/own.yaml", "own")], await ReadAllAsync(harness, access, commit, "app"));
    }

    [Fact]
    public async Task Submodule_OfAFileUrlBelowAPrefix_IsReadFromDisk()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.AllowFileUrls = true);
        var (work, _, _) = await BeginAsync(harness, "../module.git");
        var access = Access(work, "file://" + harness.Server.Root) with { Url = "file://" + work.BareFolder };

        var commit = await harness.PullAsync(access);

        Assert.Equal([("libs/m/app/one.yaml", "one")], await ReadAllAsync(harness, access, commit, "libs"));
    }

    [Fact]
    public async Task Compare_OfAMovedSubmodule_NamesItsPath_AndItsPathsAreLinks()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var (work, module, _) = await BeginAsync(harness, "../module.git");
        var access = Access(work);
        var before = await harness.PullAsync(access);
        await work.SetSubmoduleAsync("libs/m", "../module.git", await module.PublishAsync("app/one.yaml", "two"));
        await work.CommitAsync("Move it");
        await work.PushAsync();
        var after = await harness.PullAsync(access);

        var changes = await harness.History.CompareAsync(access, before, after, 100, CancellationToken.None);

        Assert.Equal(["", "libs", "libs/m"], changes!.Select(change => change.Path));
        Assert.True(await harness.History.AnyIsLinkedAsync(access, after, ["libs/m/app/one.yaml"], CancellationToken.None));
        Assert.Equal("two", await ReadAsync(harness, access, after, "libs/m/app/one.yaml"));
        Assert.Equal("one", await ReadAsync(harness, access, before, "libs/m/app/one.yaml"));
        var found = await harness.History.LastChangesAsync(access, after, ["libs/m/app/one.yaml", "app/own.yaml"], 100, CancellationToken.None);
        Assert.Equal((after, before), (found["libs/m/app/one.yaml"].Id, found["app/own.yaml"].Id));
    }

    private static RepositoryAccess Access(GitWorkspace work, params string[] prefixes) =>
        MirrorHarness.Access(work) with { Submodules = new SubmodulesSpec { Fetch = true, UrlPrefixes = prefixes } };

    private static async Task<(GitWorkspace Work, GitWorkspace Module, string Recorded)> BeginAsync(MirrorHarness harness, string url)
    {
        var module = await harness.Server.CreateRepositoryAsync("module");
        var recorded = await module.PublishAsync("app/one.yaml", "one");
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.WriteAsync("app/own.yaml", "own");
        await work.SetSubmoduleAsync("libs/m", url, recorded);
        await work.CommitAsync("A submodule");
        await work.PushAsync();
        return (work, module, recorded);
    }

    private static async Task<(string Path, string Text)[]> ReadAllAsync(MirrorHarness harness, RepositoryAccess access, string commit, string path)
    {
        var tree = await harness.Mirrors.ResolvePathAsync(access, commit, path, CancellationToken.None);
        var files = await harness.Mirrors.ListFilesAsync(access, tree.Id, true, CancellationToken.None);
        var texts = await harness.Mirrors.ReadBlobsAsync(access, [.. files.Select(file => file.Id)], 1000, CancellationToken.None);
        return [.. files.Zip(texts).Select(pair => ($"{path}/{pair.First.Path}", Encoding.UTF8.GetString(pair.Second.Span)))];
    }

    private static async Task<string> ReadAsync(MirrorHarness harness, RepositoryAccess access, string commit, string path)
    {
        var file = await harness.Mirrors.ResolvePathAsync(access, commit, path, CancellationToken.None);
        return Encoding.UTF8.GetString((await harness.Mirrors.ReadBlobsAsync(access, [file.Id], 1000, CancellationToken.None))[0].Span);
    }
}
