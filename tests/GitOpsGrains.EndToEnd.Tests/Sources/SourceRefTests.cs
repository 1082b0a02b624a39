using System.Net;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>Which commit a source's ref is, asked of a real Git server.</summary>
public sealed class SourceRefTests(GitFleet fleet) : IClassFixture<GitFleet>
{
    [Fact]
    public async Task A_range_follows_the_highest_tag_in_it_and_nothing_else()
    {
        var work = await fleet.NewRepositoryAsync();
        var first = await ReleaseAsync(work, "v1.0.0");
        await fleet.PutApplicationAsync(work, "ref: '>=1.0.0 <2.0.0', path: app");
        var status = await fleet.WantsAsync(work, first);
        Assert.Equal("refs/tags/v1.0.0", status.Commit!.Ref);

        var second = await ReleaseAsync(work, "v1.10.0");
        await ReleaseAsync(work, "v1.9.0");
        await ReleaseAsync(work, "v1.11.0-rc.1");
        await ReleaseAsync(work, "v2.0.0");
        await work.PushAsync();
        await RefreshAsync(work);
        status = await fleet.WantsAsync(work, second);
        Assert.Equal("refs/tags/v1.10.0", status.Commit!.Ref);
        var refs = (await fleet.Rest.GetAsync<RepositoryView>($"repositories/{GitFleet.NameOf(work)}")).Status.Refs;
        Assert.Equal(new Dictionary<string, string> { ["refs/tags/v1.10.0"] = second }, refs);
    }

    [Fact]
    public async Task A_tag_prefix_keeps_the_tags_of_a_monorepo_apart()
    {
        var work = await fleet.NewRepositoryAsync();
        var web = await ReleaseAsync(work, "web/v1.2.3");
        var shop = await ReleaseAsync(work, "shop/v1.9.0");
        await fleet.PutApplicationAsync(work, "ref: ^1, tagPrefix: web/, path: app");
        await fleet.PutApplicationAsync(work, "ref: 1.x, tagPrefix: shop/, path: app", "-shop");
        await fleet.WantsAsync(work, web);
        Assert.Equal("refs/tags/shop/v1.9.0", (await fleet.WantsAsync(work, shop, "-shop")).Commit!.Ref);
    }

    [Fact]
    public async Task A_range_without_a_tag_is_a_condition_that_names_both()
    {
        var work = await fleet.NewRepositoryAsync();
        await ReleaseAsync(work, "v1.0.0");
        await ReleaseAsync(work, "nightly");
        await fleet.PutApplicationAsync(work, "ref: ~3.1, path: app");
        Assert.Equal("no tag is a version in the range '~3.1': 2 tags were looked at", await fleet.SaysAsync(work, "RevisionMissing"));
    }

    /// <summary>Who may push a tag must not keep the branches of others from being rolled out.</summary>
    [Fact]
    public async Task A_tag_that_names_no_commit_is_told_to_who_follows_it_and_holds_up_nobody_else()
    {
        var work = await fleet.NewRepositoryAsync();
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        await fleet.WantsAsync(work, await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "1")));
        await work.GitAsync("tag", "odd", await work.WriteObjectAsync("blob", "no commit"u8.ToArray()));
        await work.GitAsync("tag", "even", "odd");
        await work.GitAsync("push", "--quiet", "origin", "refs/tags/odd", "refs/tags/even");
        foreach (var tag in new[] { "odd", "even" })
        {
            await fleet.PutApplicationAsync(work, $"ref: {tag}, path: app", $"-{tag}");
            Assert.StartsWith($"refs/tags/{tag}: ", await fleet.SaysAsync(work, "RevisionMissing", $"-{tag}"), StringComparison.Ordinal);
        }

        var next = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        await RefreshAsync(work);
        await fleet.WantsAsync(work, next);
        Assert.Equal("Ready", (await fleet.Rest.GetAsync<RepositoryView>($"repositories/{GitFleet.NameOf(work)}")).Status.State);
    }

    [Fact]
    public async Task The_first_digits_of_a_commit_pin_it_unless_a_branch_has_them_for_a_name()
    {
        var work = await fleet.NewRepositoryAsync();
        await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "1"));
        await work.BranchAsync("side");
        var side = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        await work.SwitchAsync("main");
        var later = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "3"));
        await fleet.PutApplicationAsync(work, $"ref: '{side[..8]}', path: app");
        Assert.Equal("", (await fleet.WantsAsync(work, side)).Commit!.Ref);

        var diff = await fleet.Rest.GetAsync<DiffView>($"applications/default/{GitFleet.NameOf(work)}/diff?revision={later[..7]}");
        Assert.Equal(later, diff.Revision);
        var none = await fleet.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{GitFleet.NameOf(work)}/diff?revision=0000000");
        Assert.Equal((HttpStatusCode.NotFound, true), (none.Status, none.Problem!.Detail!.Contains("no commit on a branch begins so", StringComparison.Ordinal)));

        await work.BranchAsync(side[..8]);
        await work.PushAsync();
        await RefreshAsync(work);
        Assert.Equal(
            $"'{side[..8]}' is refs/heads/{side[..8]} and the beginning of the commit {side}; write one of them in full",
            await fleet.SaysAsync(work, "RevisionAmbiguous"));
        Assert.Equal(side, (await fleet.StatusAsync(work)).Revision);
    }

    [Fact]
    public async Task A_diff_with_a_range_compares_with_the_tag_that_it_chooses()
    {
        var work = await fleet.NewRepositoryAsync();
        var released = await ReleaseAsync(work, "v1.0.0");
        var newest = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "newest"));
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        await fleet.WantsAsync(work, newest);
        Assert.Equal(released, (await fleet.Rest.GetAsync<DiffView>($"applications/default/{GitFleet.NameOf(work)}/diff?revision=1.x")).Revision);
    }

    private static async Task<string> ReleaseAsync(GitWorkspace work, string tag)
    {
        await work.WriteAsync("app/one.yaml", Scene.ConfigMap("one", tag));
        var commit = await work.CommitAsync("Release " + tag);
        await work.TagAsync(tag);
        return commit;
    }

    private async Task RefreshAsync(GitWorkspace work) => await fleet.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{GitFleet.NameOf(work)}:refresh");
}
