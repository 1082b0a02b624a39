using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>
/// Whether a revision may be rendered under a repository's verification. Answers are remembered for 10 minutes (keys
/// expire), refusals for 15 s, so that a thousand applications ask gpg once.
/// </summary>
public sealed class RevisionVerifier(IGitMirrors git, GitRequests requests, ISignatureVerifier signatures, ISecretReader secrets, TimeProvider time)
{
    private const int MaxCommits = 10_000;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BadFor = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, (Task<string?> Refusal, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Why it may not be rendered; null when it may.</summary>
    /// <param name="taken">Commits that were verified before, for mode all.</param>
    public async Task<string?> RefuseAsync(
        RepositoryAccess access, VerificationSpec policy, GitRef found, IReadOnlyCollection<string> taken, CancellationToken cancellationToken)
    {
        if (policy.Mode == VerificationModes.None) return null;
        IReadOnlyList<TrustedKey> keys;
        try
        {
            keys = await ReadKeysAsync(policy, access.Url, cancellationToken);
        }
        catch (SecretException failure)
        {
            return $"the keys can't be read: {failure.Message}";
        }
        var question = Digest.Of(string.Join('\0', [access.Name, access.Url, policy.Mode, found.Name, found.Commit, found.Tag ?? "", .. keys.Select(key => $"{key.Kind} {key.Text}")])).ToString();
        if (_known.TryGetValue(question, out var known) && await IsUsableAsync(known)) return await known.Refusal.WaitAsync(cancellationToken);
        if (_known.Count >= MaxRemembered) _known.Clear();
        // Shared by all who ask: one caller's impatience must not end it.
        var answer = AnswerAsync(access, policy.Mode, found, taken, keys);
        _known[question] = (answer, time.GetTimestamp());
        return await answer.WaitAsync(cancellationToken);
    }

    private async Task<bool> IsUsableAsync((Task<string?> Refusal, long At) known)
    {
        if (!known.Refusal.IsCompleted) return true;
        return known.Refusal.IsCompletedSuccessfully && time.GetElapsedTime(known.At) < (await known.Refusal is null ? GoodFor : BadFor);
    }

    private async Task<string?> AnswerAsync(
        RepositoryAccess access, string mode, GitRef found, IReadOnlyCollection<string> taken, IReadOnlyList<TrustedKey> keys)
    {
        if (await RefuseHeadAsync(access, found, keys) is { } refusal) return refusal;
        return mode == VerificationModes.All && taken.Count > 0 ? await RefuseOthersAsync(access, found, taken, keys) : null;
    }

    /// <summary>An annotated tag vouches for the commit that it points to, under the name that it was signed with and no other.</summary>
    private async Task<string?> RefuseHeadAsync(RepositoryAccess access, GitRef found, IReadOnlyList<TrustedKey> keys)
    {
        if (found.Tag is not { } tag) return Told($"commit {found.Commit}", (await signatures.VerifyAsync(access, [found.Commit], keys, CancellationToken.None))[0]);
        await requests.FetchAsync(access, [found], CancellationToken.None);
        var verdicts = await signatures.VerifyAsync(access, [tag, found.Commit], keys, CancellationToken.None);
        var name = found.Name.StartsWith(RefNames.Tags, StringComparison.Ordinal) ? found.Name[RefNames.Tags.Length..] : found.Name;
        var ofTag = verdicts[0].Commit != found.Commit || verdicts[0].TagName != name
            ? verdicts[0] with { IsGood = false, Reason = "it was made as another tag or of another commit" }
            : verdicts[0];
        if (ofTag.IsGood || verdicts[1].IsGood) return null;
        return $"{Told($"tag {name}", ofTag)}; {Told($"its commit {found.Commit}", verdicts[1])}";
    }

    private async Task<string?> RefuseOthersAsync(
        RepositoryAccess access, GitRef found, IReadOnlyCollection<string> taken, IReadOnlyList<TrustedKey> keys)
    {
        var since = await git.ListCommitsAsync(access, found.Commit, [.. taken], MaxCommits, CancellationToken.None);
        if (since.Count > MaxCommits) return $"commit {found.Commit} has more than {MaxCommits} commits since the last one that was verified";
        var others = since.Where(commit => commit != found.Commit).ToArray();
        var bad = (await signatures.VerifyAsync(access, others, keys, CancellationToken.None)).Where(verdict => !verdict.IsGood).ToArray();
        if (bad.Length == 0) return null;
        // The oldest: it is where the others may come from.
        return $"{Told($"commit {bad[^1].Id}, an ancestor of {found.Commit}", bad[^1])}{(bad.Length == 1 ? "" : $" (and {bad.Length - 1} more)")}";
    }

    private static string? Told(string what, SignatureVerdict verdict) =>
        verdict.IsGood ? null : $"{what}: {verdict.Reason}{(verdict.Signer.Length == 0 ? "" : $"; signed by {verdict.Signer}")}";

    private async Task<IReadOnlyList<TrustedKey>> ReadKeysAsync(VerificationSpec policy, string url, CancellationToken cancellationToken)
    {
        var keys = new List<TrustedKey>();
        foreach (var key in policy.Keys)
        {
            if (key.Gpg is { } block) keys.Add(new TrustedKey(SignatureKind.Gpg, block));
            if (key.Ssh is { } lines) keys.Add(new TrustedKey(SignatureKind.Ssh, lines));
            if (key.GpgFrom is { } gpgFrom) keys.Add(new TrustedKey(SignatureKind.Gpg, await ReadAsync(gpgFrom, url, cancellationToken)));
            if (key.SshFrom is { } sshFrom) keys.Add(new TrustedKey(SignatureKind.Ssh, await ReadAsync(sshFrom, url, cancellationToken)));
        }
        return keys;
    }

    private Task<string> ReadAsync(SecretReference reference, string url, CancellationToken cancellationToken) =>
        secrets.ReadAsync(reference, SecretPurpose.SigningKey, url, cancellationToken);
}
