using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The first 128 bits of a SHA-256, as a proof keeps them. In JSON 32 hexadecimal digits, or "" for none.</summary>
public readonly record struct ProofHash(UInt128 Value)
{
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>Text that is no hash proves nothing: null.</summary>
public sealed class ProofHashJsonConverter : JsonConverter<ProofHash?>
{
    public override bool HandleNull => true;

    public override ProofHash? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() switch
    {
        { Length: 32 } text when UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) => new ProofHash(value),
        _ => null,
    };

    public override void Write(Utf8JsonWriter writer, ProofHash? value, JsonSerializerOptions options) => writer.WriteStringValue(value?.ToString() ?? "");
}
