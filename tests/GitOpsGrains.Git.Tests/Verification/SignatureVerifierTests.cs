using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.Git.Tests.Verification;

/// <summary>Commits and tags that gpg and ssh-keygen have signed, and what was done to them afterwards.</summary>
public sealed class SignatureVerifierTests : IAsyncLifetime
{
    private readonly SigningKeys _keys = new();
    private MirrorHarness _harness = null!;
    private GitWorkspace _work = null!;

    public async ValueTask InitializeAsync()
    {
        _harness = await MirrorHarness.StartAsync();
        _work = await _harness.Server.CreateRepositoryAsync("fleet");
        await _work.WriteAsync("a.yaml", "a: 1\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _keys.DisposeAsync();
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Commit_SignedByOneOfTheKeys_IsGood(SignatureKind kind)
    {
        var (ada, bob) = (await NewAsync(kind, "ada"), await NewAsync(kind, "bob"));
        var verdict = await OfCommitAsync(await _work.CommitSignedAsync(ada, "Signed"), [Trusted(kind, bob), Trusted(kind, ada)]);
        Assert.True(verdict.IsGood, verdict.Reason);
        Assert.Contains("ada", verdict.Signer, StringComparison.Ordinal);
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Commit_SignedByAnotherKey_NamesIt(SignatureKind kind)
    {
        var (ada, bob) = (await NewAsync(kind, "ada"), await NewAsync(kind, "bob"));
        var verdict = await OfCommitAsync(await _work.CommitSignedAsync(ada, "Signed"), [Trusted(kind, bob)]);
        Assert.Equal(
            (false, ada.Id, kind == SignatureKind.Gpg ? "this OpenPGP key is not one of the repository's" : "this ssh key is not one of the repository's"),
            (verdict.IsGood, verdict.Signer, verdict.Reason));
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Commit_ChangedAfterItWasSigned_IsNotGood(SignatureKind kind)
    {
        var ada = await NewAsync(kind, "ada");
        var commit = await _work.CommitSignedAsync(ada, "Pay 10 to Bob");
        var verdict = await OfCommitAsync(await ForgeAsync(commit, text => text.Replace("Pay 10", "Pay 99", StringComparison.Ordinal)), [Trusted(kind, ada)]);
        Assert.False(verdict.IsGood);
        Assert.StartsWith("the signature does not match: something was changed after it was signed", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("ada", verdict.Signer, StringComparison.Ordinal);
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Commit_NotSigned_IsNotGood(SignatureKind kind)
    {
        var verdict = await OfCommitAsync(await _work.CommitAsync("Plain"), [Trusted(kind, await NewAsync(kind, "ada"))]);
        Assert.Equal((false, "", "it is not signed"), (verdict.IsGood, verdict.Signer, verdict.Reason));
    }

    [Fact]
    public async Task Commit_SignedByAKeyThatHasExpired_IsNotGood()
    {
        var ada = await _keys.NewGpgAsync("ada", "20200101T000000", "1y");
        var verdict = await OfCommitAsync(await _work.CommitSignedAsync(ada, "Signed"), [Trusted(SignatureKind.Gpg, ada)]);
        Assert.Equal((false, "the key has expired"), (verdict.IsGood, verdict.Reason));
        Assert.Contains("ada@example.com", verdict.Signer, StringComparison.Ordinal);
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Commit_WithAMessageThatIsNoUtf8_IsGood(SignatureKind kind)
    {
        var ada = await NewAsync(kind, "ada");
        await File.WriteAllBytesAsync(Path.Combine(_work.Folder, "..", "message"), [.. "Gr"u8, 0xFC, .. "n"u8]);
        await _work.GitAsync("add", "--all");
        await _work.GitAsync([.. ada.GitArguments, "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet", "-S", "-F", "../message"]);
        var verdict = await OfCommitAsync(await _work.HeadAsync(), [Trusted(kind, ada)]);
        Assert.True(verdict.IsGood, verdict.Reason);
    }

    [Fact]
    public async Task Commit_WithTheSignatureOfAnotherPurpose_IsNotGood()
    {
        var ada = await _keys.NewSshAsync("ada");
        var commit = await _work.CommitAsync("Plain");
        var plain = await _work.GitAsync("cat-file", "commit", commit) + "\n";
        var signature = await _keys.SignForAsync("ada", "file", plain);
        var verdict = await OfCommitAsync(await ForgeAsync(commit, _ => WithSignature(plain, signature)), [Trusted(SignatureKind.Ssh, ada)]);
        Assert.False(verdict.IsGood);
        // The same, for git's purpose: the forging is right, and only the purpose was wrong.
        signature = await _keys.SignForAsync("ada", "git", plain);
        verdict = await OfCommitAsync(await ForgeAsync(commit, _ => WithSignature(plain, signature)), [Trusted(SignatureKind.Ssh, ada)]);
        Assert.True(verdict.IsGood, verdict.Reason);
    }

    [Fact]
    public async Task Commit_WithTwoSignatures_IsNotGood()
    {
        var (ada, eve) = (await _keys.NewSshAsync("ada"), await _keys.NewSshAsync("eve"));
        var commit = await _work.CommitAsync("Plain");
        var plain = await _work.GitAsync("cat-file", "commit", commit) + "\n";
        var (good, bad) = (await _keys.SignForAsync("ada", "git", plain), await _keys.SignForAsync("eve", "git", plain));
        var verdict = await OfCommitAsync(await ForgeAsync(commit, _ => WithSignature(WithSignature(plain, good), bad)), [Trusted(SignatureKind.Ssh, ada)]);
        Assert.False(verdict.IsGood);
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Tag_Signed_IsGoodAndTellsItsNameAndCommit(SignatureKind kind)
    {
        var ada = await NewAsync(kind, "ada");
        var commit = await _work.CommitAsync("Plain");
        var tag = await _work.TagSignedAsync(ada, "v1.0.0");
        var verdict = await OfTagAsync("v1.0.0", [Trusted(kind, ada)]);
        Assert.Equal((tag, commit, "v1.0.0", true, ""), (verdict.Id, verdict.Commit, verdict.TagName, verdict.IsGood, verdict.Reason));
    }

    [Theory, InlineData(SignatureKind.Gpg), InlineData(SignatureKind.Ssh)]
    public async Task Tag_ThatPointsElsewhereNow_IsNotGood(SignatureKind kind)
    {
        var ada = await NewAsync(kind, "ada");
        var first = await _work.CommitAsync("Plain");
        var tag = await _work.TagSignedAsync(ada, "v1.0.0");
        var second = await _work.CommitAsync("Other");
        var text = await _work.GitAsync("cat-file", "tag", tag) + "\n";
        var forged = await _work.WriteObjectAsync("tag", Encoding.UTF8.GetBytes(text.Replace(first, second, StringComparison.Ordinal)));
        await _work.GitAsync("update-ref", "refs/tags/v1.0.0", forged);
        await _work.GitAsync("push", "--quiet", "--force", "origin", "refs/tags/v1.0.0");
        Assert.False((await OfTagAsync("v1.0.0", [Trusted(kind, ada)])).IsGood);
    }

    [Fact]
    public async Task Tag_NotSigned_IsNotGood()
    {
        await _work.CommitAsync("Plain");
        await _work.TagAsync("v1.0.0");
        Assert.Equal("it is not signed", (await OfTagAsync("v1.0.0", [Trusted(SignatureKind.Ssh, await _keys.NewSshAsync("ada"))])).Reason);
    }

    [Fact]
    public async Task Keys_ThatAreNone_AreToldAndNothingIsGood()
    {
        var ada = await _keys.NewGpgAsync("ada");
        var commit = await _work.CommitSignedAsync(ada, "Signed");
        Assert.Equal("a key of the repository is no OpenPGP public key", (await OfCommitAsync(commit, [new TrustedKey(SignatureKind.Gpg, "nonsense")])).Reason);
        Assert.Equal("a key of the repository is a private one; give the public one",
            (await OfCommitAsync(commit, [new TrustedKey(SignatureKind.Gpg, await _keys.PrivateGpgAsync(ada))])).Reason);
        Assert.Equal("a key of the repository is no ssh public key: write TYPE BASE64 NAME, as in id_ed25519.pub",
            (await OfCommitAsync(commit, [new TrustedKey(SignatureKind.Ssh, "* cert-authority ssh-ed25519 AAAA")])).Reason);
    }

    [Fact]
    public async Task Verify_ManyCommits_AnswersInOrder()
    {
        var ada = await _keys.NewSshAsync("ada");
        var commits = new List<string>();
        for (var i = 0; i < 20; i++) commits.Add(i % 5 == 3 ? await _work.CommitAsync($"Plain {i}") : await _work.CommitSignedAsync(ada, $"Signed {i}"));
        await OfCommitAsync(commits[^1], [Trusted(SignatureKind.Ssh, ada)]);
        var verdicts = await _harness.Signatures.VerifyAsync(MirrorHarness.Access(_work), [.. commits, new string('0', 40)], [Trusted(SignatureKind.Ssh, ada)], CancellationToken.None);
        Assert.Equal([.. commits, new string('0', 40)], verdicts.Select(verdict => verdict.Id));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 5 != 3).Append(false), verdicts.Select(verdict => verdict.IsGood));
        var since = await _harness.Mirrors.ListCommitsAsync(MirrorHarness.Access(_work), commits[^1], [commits[15], new string('0', 40)], 100, CancellationToken.None);
        Assert.Equal(commits[16..], since.Reverse());
        Assert.Equal(3, (await _harness.Mirrors.ListCommitsAsync(MirrorHarness.Access(_work), commits[^1], [], 2, CancellationToken.None)).Count);
    }

    private Task<SigningKey> NewAsync(SignatureKind kind, string name) => kind == SignatureKind.Gpg ? _keys.NewGpgAsync(name) : _keys.NewSshAsync(name);

    private static TrustedKey Trusted(SignatureKind kind, SigningKey key) => new(kind, key.PublicKey);

    private async Task<SignatureVerdict> OfCommitAsync(string commit, IReadOnlyList<TrustedKey> keys)
    {
        await _work.GitAsync("push", "--quiet", "--force", "origin", $"{commit}:refs/heads/main");
        Assert.Equal(commit, await _harness.PullAsync(MirrorHarness.Access(_work)));
        return (await _harness.Signatures.VerifyAsync(MirrorHarness.Access(_work), [commit], keys, CancellationToken.None))[0];
    }

    private async Task<SignatureVerdict> OfTagAsync(string tag, IReadOnlyList<TrustedKey> keys)
    {
        var access = MirrorHarness.Access(_work);
        var found = (await _harness.Mirrors.ListRefsAsync(access, ["refs/tags/" + tag], CancellationToken.None)).Refs.Single();
        await _harness.Mirrors.FetchAsync(access, [found with { Tag = null }], CancellationToken.None);
        await _harness.Mirrors.FetchAsync(access, [found], CancellationToken.None);
        return (await _harness.Signatures.VerifyAsync(access, [found.Tag!], keys, CancellationToken.None))[0];
    }

    private async Task<string> ForgeAsync(string commit, Func<string, string> change) =>
        await _work.WriteObjectAsync("commit", Encoding.UTF8.GetBytes(change(await _work.GitAsync("cat-file", "commit", commit) + "\n")));

    private static string WithSignature(string plain, string signature)
    {
        var end = plain.IndexOf("\n\n", StringComparison.Ordinal) + 1;
        return $"{plain[..end]}gpgsig {signature.TrimEnd().Replace("\n", "\n ", StringComparison.Ordinal)}\n{plain[end..]}";
    }
}
