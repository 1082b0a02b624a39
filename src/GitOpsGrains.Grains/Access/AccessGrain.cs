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
    public async Task AllowAdminAsync(string tokenHashes, string name)
    {
        var before = state.State.Admins;
        var hashes = tokenHashes.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (hashes.All(hash => before.GetValueOrDefault(hash) == name) && before.Count(known => known.Value == name) == hashes.Length) return;
        state.State.Admins = before.Where(known => known.Value != name && !hashes.Contains(known.Key)).Concat(hashes.Select(hash => KeyValuePair.Create(hash, name)))
            .ToDictionary(StringComparer.Ordinal);
        await state.WriteStateAsync().OrUndoAsync(() => state.State.Admins = before);
    }

    public Task<Principal?> VerifyAsync(string tokenHash) => Task.FromResult(
        state.State.Admins.TryGetValue(tokenHash, out var name) ? new Principal(name, IsAdmin: true) : null);
}
