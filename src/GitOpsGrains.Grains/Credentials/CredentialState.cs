using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Ports.Secrets;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>Durable state of a stored credential: nothing of its values but their ciphertext.</summary>
public sealed class CredentialState
{
    public int Version { get; set; } = 1;

    /// <summary>"" when there is no credential of this name.</summary>
    public string UrlPrefix { get; set; } = "";

    public List<SecretPurpose> Purposes { get; set; } = [];

    public string Ciphertext { get; set; } = "";

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
