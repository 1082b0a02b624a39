using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents;

/// <summary>
/// A record that keeps members it does not know, so that a document written by a newer version survives being read and
/// written by this one. <see cref="Validation.DocumentValidation"/> reports them.
/// </summary>
public abstract record Extensible
{
    /// <summary>Null when there are none.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}
