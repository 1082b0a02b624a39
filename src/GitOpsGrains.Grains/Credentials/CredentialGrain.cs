using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <inheritdoc cref="ICredentialGrain"/>
[GrainType("credential")]
public sealed class CredentialGrain([PersistentState("credential")] IPersistentState<CredentialState> state, CredentialSeal seal) : Grain, ICredentialGrain
{
    private string Name => this.GetPrimaryKeyString();

    private bool Exists => state.State.UrlPrefix.Length > 0;

    public async Task<Change> PutAsync(CredentialValues values)
    {
        if (!GitUrl.TryParseAny(values.UrlPrefix, out _, out var fault)) throw new GrainRefusedException(RefusalKind.Invalid, $"urlPrefix: {fault}");
        if (values.Values.Count == 0) throw new GrainRefusedException(RefusalKind.Invalid, "a credential has at least one value");
        if (Exists && IsSame(values)) return Change.Unchanged;
        var (exists, before) = (Exists, (state.State.UrlPrefix, state.State.Purposes, state.State.Ciphertext));
        state.State.UrlPrefix = values.UrlPrefix;
        state.State.Purposes = [.. values.Values.Keys.Order()];
        state.State.Ciphertext = seal.Close(Name, values.UrlPrefix, values.Values);
        await state.WriteStateAsync().OrUndoAsync(() => (state.State.UrlPrefix, state.State.Purposes, state.State.Ciphertext) = before);
        return exists ? Change.Configured : Change.Created;
    }

    public async Task DeleteAsync()
    {
        await state.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task<CredentialSummary?> DescribeAsync() =>
        Task.FromResult(Exists ? new CredentialSummary { UrlPrefix = state.State.UrlPrefix, Purposes = [.. state.State.Purposes] } : null);

    public Task<SealedCredential?> GetSealedAsync() =>
        Task.FromResult(Exists ? new SealedCredential(state.State.UrlPrefix, state.State.Ciphertext) : null);

    /// <summary>One that can't be opened any more is another one.</summary>
    private bool IsSame(CredentialValues values)
    {
        if (values.UrlPrefix != state.State.UrlPrefix) return false;
        try
        {
            var stored = seal.Open(Name, state.State.UrlPrefix, state.State.Ciphertext);
            return stored.Count == values.Values.Count && values.Values.All(pair => stored.TryGetValue(pair.Key, out var value) && value == pair.Value);
        }
        catch (SecretException)
        {
            return false;
        }
    }
}
