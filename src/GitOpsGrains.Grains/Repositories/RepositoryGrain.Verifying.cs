using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Nothing is rendered that the repository's verification does not let pass.</summary>
public sealed partial class RepositoryGrain
{
    private const int MaxVerified = 256;

    /// <summary>Null when the revision may be rendered. Errors: <see cref="GitException"/>.</summary>
    private async Task<Condition?> VerifyAsync(GitRef found, CancellationToken cancellationToken)
    {
        if (!Verifies(Document)) return null;
        var policy = Document!.Spec.Verification!;
        var refusal = await _verifier.RefuseAsync(Access, policy, found, [.. _state.State.Verified.Values], cancellationToken);
        if (refusal is not null) return NewCondition(ConditionTypes.VerificationFailed, refusal);
        await RememberVerifiedAsync(found);
        return null;
    }

    private static bool Verifies(RepositoryDocument? document) => document?.Spec.Verification is { Mode: not VerificationModes.None };

    /// <summary>What comes later is compared with it, also after a restart.</summary>
    private async Task RememberVerifiedAsync(GitRef found)
    {
        var verified = _state.State.Verified;
        if (verified.GetValueOrDefault(found.Name) == found.Commit) return;
        if (!verified.ContainsKey(found.Name) && verified.Count >= MaxVerified) verified.Remove(verified.Keys.First());
        verified[found.Name] = found.Commit;
        await StoreAsync();
    }

    /// <summary>Whether it was rendered before under the repository's verification, maybe vouched for by a tag.</summary>
    private bool WasVerified(string commit) => _state.State.Verified.ContainsValue(commit);
}
