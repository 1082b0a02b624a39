using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Access;

namespace GitOpsGrains.Grains.Access;

/// <summary>Durable state of the tokens: only their hashes.</summary>
public sealed class AccessState
{
    public int Version { get; set; } = 1;

    /// <summary>SHA-256 of a token (64 hexadecimal digits) to its owner's name; all are administrators.</summary>
    public Dictionary<string, string> Admins { get; set; } = new(StringComparer.Ordinal);

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <inheritdoc cref="IAccessGrain"/>
[GrainType("access")]
public sealed class AccessGrain([PersistentState("access")] IPersistentState<AccessState> state) : Grain, IAccessGrain
{
    public async Task AllowAdminAsync(string tokenHash, string name)
    {
        if (state.State.Admins.TryAdd(tokenHash, name)) await state.WriteStateAsync().OrUndoAsync(() => state.State.Admins.Remove(tokenHash));
    }

    public async Task<int> SetAdminsAsync(IReadOnlyList<string> tokenHashes, string name)
    {
        var before = state.State.Admins;
        var revoked = before.Count(known => known.Value == name && !tokenHashes.Contains(known.Key));
        if (revoked == 0 && tokenHashes.All(before.ContainsKey)) return 0;
        state.State.Admins = before.Where(known => known.Value != name).Concat(tokenHashes.Select(hash => KeyValuePair.Create(hash, name)))
            .DistinctBy(known => known.Key).ToDictionary(StringComparer.Ordinal);
        await state.WriteStateAsync().OrUndoAsync(() => state.State.Admins = before);
        return revoked;
    }

    public Task<Principal?> VerifyAsync(string tokenHash) => Task.FromResult(
        state.State.Admins.TryGetValue(tokenHash, out var name) ? new Principal(name, IsAdmin: true) : null);
}
