using System.Diagnostics;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Credentials;

public sealed class SshTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pull_OverSsh_ReadsListsFetchesAndFetchesAgain(bool protocolV2)
    {
        await using var server = await SshServer.StartAsync(protocolV2);
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var first = await work.PublishAsync("a.yaml", "a: 1\n");
        await work.TagAsync("v1");
        var access = Access(harness, server, work);

        Assert.Equal(first, await harness.PullAsync(access));
        var second = await work.PublishAsync("a.yaml", "a: 2\n");
        var listing = await harness.Mirrors.ListRefsAsync(access, [], CancellationToken.None);
        Assert.Equal([new GitRef("HEAD", second), new GitRef("refs/heads/main", second), new GitRef("refs/tags/v1", first, await work.GitAsync("rev-parse", "v1"))], listing.Refs);
        Assert.Equal("refs/heads/main", listing.DefaultBranch);
        await harness.Mirrors.FetchAsync(access, listing.Refs, CancellationToken.None);

        Assert.True(await harness.Mirrors.IsAncestorAsync(access, first, second, CancellationToken.None));
        Assert.Single((await harness.Mirrors.ListRefsAsync(access, ["refs/tags/"], CancellationToken.None)).Refs);
        await NothingIsLeftAsync(harness, server);
    }

    [Fact]
    public async Task Pull_WithoutHistoryOverSsh_BringsEachCommitAlone()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var first = await work.PublishAsync("a.yaml", "a: 1\n");
        var second = await work.PublishAsync("a.yaml", "a: 2\n");
        var access = Access(harness, server, work) with { Shallow = true };

        Assert.Equal(second, await harness.PullAsync(access));
        Assert.False(await harness.Mirrors.HasCommitAsync(access, first, CancellationToken.None));
        var third = await work.PublishAsync("b.yaml", "b: 3\n");
        var fourth = await work.PublishAsync("b.yaml", "b: 4\n");
        Assert.Equal(fourth, await harness.PullAsync(access));
        Assert.False(await harness.Mirrors.HasCommitAsync(access, third, CancellationToken.None));
        await harness.Mirrors.FetchAsync(access, [new GitRef(first, first)], CancellationToken.None);

        foreach (var (commit, path, content) in new[] { (first, "a.yaml", "a: 1\n"), (second, "a.yaml", "a: 2\n"), (fourth, "a.yaml", "a: 2\n"), (fourth, "b.yaml", "b: 4\n") })
        {
            var file = await harness.Mirrors.ResolvePathAsync(access, commit, path, CancellationToken.None);
            Assert.Equal(content, Encoding.UTF8.GetString((await harness.Mirrors.ReadBlobsAsync(access, [file.Id], 1000, CancellationToken.None))[0].Span));
        }
        await MirrorHarness.FailsAsync(() => harness.Mirrors.IsAncestorAsync(access, first, second, CancellationToken.None), GitErrorKind.NotAllowed);
        await NothingIsLeftAsync(harness, server);
    }

    [Fact]
    public async Task Pull_WithoutHistoryFromAnOldServerOverSsh_IsRefused()
    {
        await using var server = await SshServer.StartAsync(protocolV2: false);
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(Access(harness, server, work) with { Shallow = true }), GitErrorKind.NotAllowed);

        Assert.Equal("the server does not offer fetches without history by protocol v2: leave shallow out", failure.Message);
        await NothingIsLeftAsync(harness, server);
    }

    [Fact]
    public async Task Pull_WithManyCommitsInBetween_NegotiatesWithoutWaitingForEachOther()
    {
        await using var server = await SshServer.StartAsync(protocolV2: false);
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = Access(harness, server, work);
        for (var number = 0; number < 40; number++) await work.PublishAsync("a.yaml", $"a: {number}\n");
        await harness.PullAsync(access);

        var last = await work.PublishAsync("a.yaml", "a: last\n");

        Assert.Equal(last, await harness.PullAsync(access));
    }

    [Fact]
    public async Task Pull_OfAnUnknownHost_IsRefused()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = Access(harness, server, work, knownHosts: "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);

        Assert.Equal($"the host 127.0.0.1:{server.Port} is not in the known hosts (stored credential hosts), or not with this key", failure.Message);
    }

    [Fact]
    public async Task Pull_OfAHostWithAnotherKey_IsRefused()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = Access(harness, server, work, knownHosts: $"[127.0.0.1]:{server.Port} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Unreachable);

        Assert.StartsWith($"127.0.0.1:{server.Port} shows another host key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_WithAKeyThatIsNotAllowedOrNone_SaysWhich()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");

        var refused = Access(harness, server, work, await server.NewKeyAsync());
        Assert.Equal($"127.0.0.1:{server.Port} refuses the ssh key (stored credential key)", (await MirrorHarness.FailsAsync(() => harness.PullAsync(refused), GitErrorKind.AccessDenied)).Message);
        foreach (var unusable in new[] { "canary-key-3391", await server.NewKeyAsync(passphrase: "canary-phrase") })
        {
            var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(Access(harness, server, work, unusable)), GitErrorKind.SecretMissing);
            Assert.StartsWith("the stored credential key holds", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pull_OfARepositoryThatIsNot_SaysSo()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = Access(harness, server, work);

        await MirrorHarness.FailsAsync(() => harness.PullAsync(access with { Url = access.Url + "-not" }), GitErrorKind.RepositoryNotFound);
        await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.Empty);
    }

    [Fact]
    public async Task Pull_WithAHostilePath_RunsNothingOnTheServer()
    {
        await using var server = await SshServer.StartAsync();
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var mark = Path.Combine(harness.DataDirectory, "mark");
        var access = Access(harness, server, work);

        foreach (var trick in new[] { $"';touch${{IFS}}{mark};'", $"$(touch${{IFS}}{mark})", $"`touch${{IFS}}{mark}`", "!!" })
            await MirrorHarness.FailsAsync(() => harness.PullAsync(access with { Url = $"{Environment.UserName}@127.0.0.1:{trick}" }), GitErrorKind.Unreachable);
        // With the port, the same reach the server's shell.
        foreach (var trick in new[] { $"/a';touch${{IFS}}{mark};'", $"/$(touch${{IFS}}{mark})" })
            await MirrorHarness.FailsAsync(() => harness.PullAsync(access with { Url = $"ssh://{Environment.UserName}@127.0.0.1:{server.Port}{trick}" }), GitErrorKind.RepositoryNotFound);

        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task Pull_FromAServerThatHangs_EndsInTimeAndKillsTheProgram()
    {
        await using var server = await SshServer.StartAsync(command: "/bin/sleep 600");
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = Access(harness, server, work) with { Timeout = TimeSpan.FromSeconds(1.5) };

        await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.TimedOut);

        await Eventually.TrueAsync(() => Task.FromResult(!ClientsOf(harness).Any()), "the ssh program is gone", TimeSpan.FromSeconds(10));
        await NothingIsLeftAsync(harness, server);
    }

    [Fact]
    public async Task Pull_WithoutAKey_SaysWhatIsNeeded()
    {
        await using var harness = await MirrorHarness.StartAsync();

        var failure = await MirrorHarness.FailsAsync(
            () => harness.PullAsync(new RepositoryAccess("fleet", "git@127.0.0.1:fleet.git", TimeSpan.FromSeconds(5))), GitErrorKind.SecretMissing);

        Assert.StartsWith("ssh needs a key and known hosts", failure.Message, StringComparison.Ordinal);
    }

    private static RepositoryAccess Access(MirrorHarness harness, SshServer server, GitWorkspace work, string? key = null, string? knownHosts = null) =>
        MirrorHarness.Access(work) with
        {
            Url = server.UrlOf(work),
            Credentials = new CredentialsSpec
            {
                SshKeyFrom = harness.Secrets.Put("key", (key ?? server.Key).TrimEnd('\n')),
                KnownHostsFrom = harness.Secrets.Put("hosts", knownHosts ?? server.KnownHosts),
            },
        };

    /// <summary>The key went with its session; no log has a line of it.</summary>
    private static async Task NothingIsLeftAsync(MirrorHarness harness, SshServer server)
    {
        var secret = server.Key.Split('\n')[1];
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.EnumerateFileSystemEntries(Path.Combine(harness.DataDirectory, "ssh")).Any()), "the folder of keys is empty", TimeSpan.FromSeconds(10));
        foreach (var file in Directory.EnumerateFiles(harness.DataDirectory, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, Encoding.Latin1), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, harness.Log.Text, StringComparison.Ordinal);
    }

    private static IEnumerable<int> ClientsOf(MirrorHarness harness) => Process.GetProcessesByName("ssh").Select(process => process.Id)
        .Where(id => File.Exists($"/proc/{id}/cmdline") && File.ReadAllText($"/proc/{id}/cmdline").Contains(harness.DataDirectory, StringComparison.Ordinal));
}
