using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Installations;

namespace GitOpsGrains.Grains.Installations;

/// <summary>Durable identity of this installation.</summary>
public sealed class InstallationState
{
    public int Version { get; set; } = 1;
    public string Name { get; set; } = "";
    public string Id { get; set; } = "";
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <inheritdoc cref="IInstallationGrain"/>
[GrainType("installation")]
public sealed class InstallationGrain([PersistentState("installation")] IPersistentState<InstallationState> state) : Grain, IInstallationGrain
{
    public async Task<InstallationIdentity> EnsureAsync(string name)
    {
        if (state.State.Id.Length == 0)
        {
            (state.State.Name, state.State.Id) = (name, RandomNumberGenerator.GetHexString(32, lowercase: true));
            await state.WriteStateAsync().OrUndoAsync(() => (state.State.Name, state.State.Id) = ("", ""));
        }
        return new InstallationIdentity(state.State.Name, state.State.Id);
    }
}
