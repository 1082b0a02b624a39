using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Json;

/// <summary>Reads and writes a <see cref="TimeSpan"/> as <see cref="Durations"/> does.</summary>
public sealed class DurationJsonConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Durations.TryParse(reader.GetString(), out var value)
            ? value
            : throw new JsonException("expected a duration such as 30s, 3m or 1h30m");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Durations.Format(value));
}
