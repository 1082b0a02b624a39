using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

public sealed class FaultTests
{
    [Theory]
    [InlineData(GitServerFault.Unauthorized, GitErrorKind.AccessDenied)]
    [InlineData(GitServerFault.Forbidden, GitErrorKind.AccessDenied)]
    [InlineData(GitServerFault.LoginRedirect, GitErrorKind.AccessDenied)]
    [InlineData(GitServerFault.NotFound, GitErrorKind.RepositoryNotFound)]
    [InlineData(GitServerFault.InternalError, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.Unavailable, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.Drop, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.DropMidAnswer, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.WebPage, GitErrorKind.Malformed)]
    [InlineData(GitServerFault.Garbage, GitErrorKind.Malformed)]
    [InlineData(GitServerFault.ForeignRedirect, GitErrorKind.NotAllowed)]
    public async Task ListRefs_OfAMisbehavingServer_SaysWhat(GitServerFault fault, GitErrorKind kind)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work);

        harness.Server.Misbehave(fault);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListRefsAsync(access, ["HEAD"], CancellationToken.None), kind);

        harness.Server.Misbehave(GitServerFault.None);
        Assert.Equal(commit, await harness.PullAsync(access));

        harness.Server.Misbehave(fault);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListRefsAsync(access, ["HEAD"], CancellationToken.None), kind);
    }

    [Theory]
    [InlineData(GitServerFault.Drop, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.DropMidAnswer, GitErrorKind.Unreachable)]
    [InlineData(GitServerFault.Unauthorized, GitErrorKind.AccessDenied)]
    [InlineData(GitServerFault.NotFound, GitErrorKind.RepositoryNotFound)]
    [InlineData(GitServerFault.Garbage, GitErrorKind.Malformed)]
    public async Task Fetch_FromAMisbehavingServer_LeavesTheMirrorUsable(GitServerFault fault, GitErrorKind kind)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work);
        var first = await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(access);
        var second = await work.PublishAsync("a.yaml", "a: 2\n");
        var listing = await harness.Mirrors.ListRefsAsync(access, ["refs/heads/main"], CancellationToken.None);

        harness.Server.Misbehave(fault);
        await MirrorHarness.FailsAsync(() => harness.Mirrors.FetchAsync(access, listing.Refs, CancellationToken.None), kind);
        Assert.True(await harness.Mirrors.HasCommitAsync(access, first, CancellationToken.None));
        Assert.False(await harness.Mirrors.HasCommitAsync(access, second, CancellationToken.None));

        harness.Server.Misbehave(GitServerFault.None);
        Assert.Equal(second, await harness.PullAsync(access));
    }

    [Theory]
    [InlineData(GitServerFault.Hang)]
    [InlineData(GitServerFault.HangMidAnswer)]
    public async Task Everything_OnAHangingServer_EndsInTime(GitServerFault fault)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));
        await work.PublishAsync("a.yaml", "a: 2\n");
        var access = MirrorHarness.Access(work, seconds: 0.4);
        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/main"], CancellationToken.None);

        harness.Server.Misbehave(fault);
        var watch = Stopwatch.StartNew();
        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListRefsAsync(access, ["HEAD"], CancellationToken.None), GitErrorKind.TimedOut);
        var failure = await MirrorHarness.FailsAsync(
            () => harness.Mirrors.FetchAsync(access, listing.Refs, CancellationToken.None), GitErrorKind.TimedOut);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0.79, 15);
        Assert.Equal("repository fleet: no answer within 0.4 s", failure.Message);
    }

    [Fact]
    public async Task Fetch_WhileOtherServersHang_IsNotHeldUp()
    {
        await using var harness = await MirrorHarness.StartAsync(options => options.Threads = 1);
        var good = await harness.Server.CreateRepositoryAsync("good");
        var commit = await good.PublishAsync("a.yaml", "a: 1\n");
        using var enough = new CancellationTokenSource();
        var hanging = new List<Task>();
        for (var index = 0; index < 8; index++)
        {
            var bad = await harness.Server.CreateRepositoryAsync($"bad-{index}");
            var at = await bad.PublishAsync("a.yaml", $"a: {index}\n");
            harness.Server.Misbehave(GitServerFault.Hang, $"bad-{index}");
            hanging.Add(harness.Mirrors.FetchAsync(MirrorHarness.Access(bad, 60), [new GitRef("refs/heads/main", at)], enough.Token));
        }

        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(good, seconds: 10)));
        Assert.All(hanging, task => Assert.False(task.IsCompleted));

        await enough.CancelAsync();
        foreach (var task in hanging) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Fact]
    public async Task Everything_WhenNativeCodeHangs_EndsInTimeAndHoldsUpNobodyElse()
    {
        await using var harness = await MirrorHarness.StartAsync(options =>
        {
            options.AllowFileUrls = true;
            options.Threads = 2;
        });
        var good = await harness.Server.CreateRepositoryAsync("good");
        var commit = await good.PublishAsync("a.yaml", "a: 1\n");
        var bad = await harness.Server.CreateRepositoryAsync("bad");
        await bad.PublishAsync("a.yaml", "a: 1\n");
        // Opening a named pipe waits for its writer, inside libgit2.
        var pipe = Path.Combine(bad.BareFolder, "refs", "heads", "main");
        File.Delete(pipe);
        await bad.GitAsync("-c", "alias.pipe=!mkfifo", "pipe", pipe);
        var access = new RepositoryAccess("bad", "file://" + bad.BareFolder, TimeSpan.FromSeconds(0.4));

        await MirrorHarness.FailsAsync(() => harness.Mirrors.ListRefsAsync(access, [], CancellationToken.None), GitErrorKind.TimedOut);
        Assert.Equal(commit, await harness.PullAsync(MirrorHarness.Access(good)));
        Assert.Equal(commit, (await harness.Mirrors.ReadCommitAsync(MirrorHarness.Access(good), commit, CancellationToken.None)).Id);

        // A writer that comes and goes lets the hung thread end; it may be gone before a byte could be written.
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write);
    }

    [Fact]
    public async Task ListRefs_OfAServerWithAnUntrustedCertificate_IsUnreachable()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var harness = await MirrorHarness.StartAsync(certificate: certificate);
        var work = await harness.Server.CreateRepositoryAsync("fleet");

        var failure = await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["HEAD"], CancellationToken.None), GitErrorKind.Unreachable);

        Assert.StartsWith("https://", work.Url, StringComparison.Ordinal);
        Assert.StartsWith("TLS with 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, harness.Server.Requests.Total);
    }

    [Fact]
    public async Task ListRefs_OfAPortWithoutServer_IsUnreachable()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var url = harness.Server.UrlOf("fleet");
        await harness.Server.StopAsync();

        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(new RepositoryAccess("fleet", url, TimeSpan.FromSeconds(5)), ["HEAD"], CancellationToken.None),
            GitErrorKind.Unreachable);
    }

    [Theory]
    [InlineData("git://example.com/fleet.git", "must begin with")]
    [InlineData("ssh://git:hunter2@example.com/fleet.git", "password")]
    [InlineData("https://bot:hunter2@example.com/fleet.git", "credentials")]
    [InlineData("file:///etc", "not allowed")]
    [InlineData("ext::sh -c id", "must begin with")]
    [InlineData("/srv/git/fleet.git", "must begin with")]
    public async Task ListRefs_OfAnUrlThatIsNotAllowed_SaysSoWithoutShowingIt(string url, string why)
    {
        await using var harness = await MirrorHarness.StartAsync();

        var failure = await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(new RepositoryAccess("fleet", url, TimeSpan.FromSeconds(5)), [], CancellationToken.None),
            GitErrorKind.NotAllowed);

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GitServerFault.TooManyRequests, "120", 120.0)]
    [InlineData(GitServerFault.TooManyRequests, null, 60.0)]
    [InlineData(GitServerFault.TooManyRequests, "soon", 60.0)]
    [InlineData(GitServerFault.Unavailable, "7", 7.0)]
    [InlineData(GitServerFault.Unavailable, null, null)]
    public async Task ListRefs_OfAServerThatAsksForAPause_SaysHowLong(GitServerFault fault, string? header, double? seconds)
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        harness.Server.RetryAfter = header;
        harness.Server.Misbehave(fault);
        var failure = await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["HEAD"], CancellationToken.None), GitErrorKind.Unreachable);
        Assert.Equal(seconds, failure.RetryAfter?.TotalSeconds);
    }
}
