using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Mirrors;

public sealed class ListRefsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListRefs_OfAllProtocols_GivesNamesPeeledTagsAndDefaultBranch(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var first = await work.PublishAsync("a.yaml", "a: 1\n");
        await work.TagAsync("v1");
        var second = await work.PublishAsync("a.yaml", "a: 2\n");

        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), [], CancellationToken.None);

        Assert.Equal([new GitRef("HEAD", second), new GitRef("refs/heads/main", second), new GitRef("refs/tags/v1", first, await work.GitAsync("rev-parse", "refs/tags/v1"))], listing.Refs);
        Assert.Equal("refs/heads/main", listing.DefaultBranch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListRefs_WithPrefixes_GivesOnlyThose(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        await work.BranchAsync("release");
        await work.PushAsync();

        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/rel"], CancellationToken.None);

        Assert.Equal([new GitRef("refs/heads/release", commit)], listing.Refs);
    }

    [Fact]
    public async Task ListRefs_AfterTheFirst_CostsOneLsRefsRequest()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));
        Assert.Equal(new GitServerRequests(1, 1, 1), harness.Server.Requests);

        var before = harness.Server.Requests;
        await harness.PullAsync(MirrorHarness.Access(work));

        Assert.Equal(new GitServerRequests(0, 1, 0), harness.Server.Requests - before);
    }

    [Fact]
    public async Task ListRefs_OfAServerWithoutV2_CostsOneRequestEachTime()
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = false;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");

        for (var poll = 1; poll <= 3; poll++)
        {
            await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/main"], CancellationToken.None);
            Assert.Equal(new GitServerRequests(poll, 0, 0), harness.Server.Requests);
        }
    }

    [Fact]
    public async Task ListRefs_WhenTheServerForgetsV2_FallsBack()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        await harness.PullAsync(MirrorHarness.Access(work));

        harness.Server.ProtocolV2 = false;
        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/main"], CancellationToken.None);

        Assert.Equal([new GitRef("refs/heads/main", commit)], listing.Refs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListRefs_OfAnEmptyRepository_IsEmpty(bool v2)
    {
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.ProtocolV2 = v2;
        var work = await harness.Server.CreateRepositoryAsync("fleet");

        await MirrorHarness.FailsAsync(
            () => harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["HEAD", "refs/heads/main"], CancellationToken.None), GitErrorKind.Empty);
    }

    [Fact]
    public async Task ListRefs_OfADeletedBranch_GivesNone()
    {
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        await work.BranchAsync("release");
        await work.PushAsync();
        await harness.PullAsync(MirrorHarness.Access(work), "refs/heads/release");

        await work.DeleteRemoteBranchAsync("release");
        var listing = await harness.Mirrors.ListRefsAsync(MirrorHarness.Access(work), ["refs/heads/release"], CancellationToken.None);

        Assert.Empty(listing.Refs);
    }
}
