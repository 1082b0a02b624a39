using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>What is not signed as the repository asks is not rendered, and what was taken before stands.</summary>
public sealed class VerificationTests(GitFleet fleet) : IClassFixture<GitFleet>, IAsyncDisposable
{
    private readonly SigningKeys _keys = new();

    public ValueTask DisposeAsync() => _keys.DisposeAsync();

    [Theory, InlineData("gpg"), InlineData("ssh")]
    public async Task Head_ACommitThatIsNotSigned_IsNotTakenUntilASignedOneFollows(string kind)
    {
        var ada = kind == "gpg" ? await _keys.NewGpgAsync("ada") : await _keys.NewSshAsync("ada");
        var work = await NewAsync("head", kind, ada);
        var signed = await PushAsync(work, ada, "1");
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        await fleet.WantsAsync(work, signed);

        var plain = await PushAsync(work, null, "2");
        await RefreshAsync(work);
        Assert.Equal($"commit {plain}: it is not signed", await fleet.SaysAsync(work, "VerificationFailed"));
        Assert.Equal(signed, (await fleet.StatusAsync(work)).Revision);
        Assert.Equal(409, (int)(await fleet.Rest.TrySendAsync(HttpMethod.Get, $"applications/default/{GitFleet.NameOf(work)}/diff?revision={plain}")).Status);

        var next = await PushAsync(work, ada, "3");
        await RefreshAsync(work);
        await fleet.WantsAsync(work, next);
    }

    [Fact]
    public async Task Head_AStrangersKey_IsNamed()
    {
        var (ada, eve) = (await _keys.NewSshAsync("ada"), await _keys.NewSshAsync("eve"));
        var work = await NewAsync("head", "ssh", ada);
        var commit = await PushAsync(work, eve, "1");
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        Assert.Equal($"commit {commit}: this ssh key is not one of the repository's; signed by {eve.Id}", await fleet.SaysAsync(work, "VerificationFailed"));
        Assert.Equal("", (await fleet.StatusAsync(work)).Revision);
    }

    [Fact]
    public async Task All_ACommitInTheMiddleThatIsNotSigned_IsFound()
    {
        var ada = await _keys.NewSshAsync("ada");
        var work = await NewAsync("all", "ssh", ada);
        await PushAsync(work, null, "long before");
        var first = await PushAsync(work, ada, "1");
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        await fleet.WantsAsync(work, first);

        var second = await PushAsync(work, ada, "2");
        var plain = await PushAsync(work, null, "3");
        var head = await PushAsync(work, ada, "4");
        await RefreshAsync(work);
        Assert.Equal($"commit {plain}, an ancestor of {head}: it is not signed", await fleet.SaysAsync(work, "VerificationFailed"));
        Assert.Equal(first, (await fleet.StatusAsync(work)).Revision);

        await work.ResetAsync(second);
        var mended = await PushAsync(work, ada, "5", force: true);
        await RefreshAsync(work);
        await fleet.WantsAsync(work, mended);
    }

    [Fact]
    public async Task A_signed_tag_vouches_for_its_commit_under_its_own_name_only()
    {
        var ada = await _keys.NewGpgAsync("ada");
        var work = await NewAsync("head", "gpg", ada);
        var commit = await PushAsync(work, null, "1");
        var tag = await work.TagSignedAsync(ada, "v1.0.0");
        await fleet.PutApplicationAsync(work, "ref: ^1, path: app");
        await fleet.WantsAsync(work, commit);

        await work.GitAsync("update-ref", "refs/tags/v1.9.0", tag);
        await work.GitAsync("push", "--quiet", "origin", "refs/tags/v1.9.0");
        await RefreshAsync(work);
        var message = await fleet.SaysAsync(work, "VerificationFailed");
        Assert.StartsWith("tag v1.9.0: it was made as another tag or of another commit; signed by ada", message, StringComparison.Ordinal);
        Assert.EndsWith($"its commit {commit}: it is not signed", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_can_not_be_read_let_nothing_pass()
    {
        var work = await fleet.NewRepositoryAsync($$"""
              verification: {keys: [{sshFrom: {file: "{{fleet.Git.Root}}/no-such-keys"} }] }
            """);
        await PushAsync(work, null, "1");
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        Assert.StartsWith("the keys can't be read: the file ", await fleet.SaysAsync(work, "VerificationFailed"), StringComparison.Ordinal);
    }

    [Theory, InlineData("gpg"), InlineData("ssh")]
    public async Task Keys_OfAStoredCredential_AreTrustedBelowItsPrefixOnly(string kind)
    {
        var ada = kind == "gpg" ? await _keys.NewGpgAsync("ada") : await _keys.NewSshAsync("ada");
        var stored = $"keys-{kind}";
        var verification = $"  verification: {{mode: head, keys: [{{{kind}From: {{stored: {stored}}}}}]}}";
        var (inside, outside) = (await fleet.NewRepositoryAsync(verification), await fleet.NewRepositoryAsync(verification));
        var body = System.Text.Json.JsonSerializer.Serialize(new { urlPrefix = inside.Url, signingKey = ada.PublicKey });
        await fleet.Rest.SendAsync<Documents.Rest.ApplyResult>(HttpMethod.Put, $"credentials/{stored}", body, "application/json");
        var commit = await PushAsync(inside, ada, "1");
        await PushAsync(outside, ada, "1");

        await fleet.PutApplicationAsync(inside, "ref: main, path: app");
        await fleet.PutApplicationAsync(outside, "ref: main, path: app");

        await fleet.WantsAsync(inside, commit);
        Assert.Equal(
            $"the keys can't be read: the stored credential {stored} is not for this URL: it is bound to {inside.Url}", await fleet.SaysAsync(outside, "VerificationFailed"));
    }

    private async Task<GitWorkspace> NewAsync(string mode, string kind, SigningKey key)
    {
        var file = Path.Combine(fleet.Git.Root, $"{Guid.NewGuid():N}.keys");
        await File.WriteAllTextAsync(file, key.PublicKey);
        return await fleet.NewRepositoryAsync($$"""
              verification: {mode: {{mode}}, keys: [{ {{kind}}From: {file: "{{file}}"} }] }
            """);
    }

    private static async Task<string> PushAsync(GitWorkspace work, SigningKey? key, string value, bool force = false)
    {
        await work.WriteAsync("app/one.yaml", Scene.ConfigMap("one", $"'{value}'"));
        var commit = key is null ? await work.CommitAsync("Change") : await work.CommitSignedAsync(key, "Change");
        await (force ? work.ForcePushAsync() : work.PushAsync());
        return commit;
    }

    private async Task RefreshAsync(GitWorkspace work) => await fleet.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{GitFleet.NameOf(work)}:refresh");
}
