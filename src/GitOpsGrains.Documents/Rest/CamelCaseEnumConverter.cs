using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Documents.Rest;

/// <summary>Enums whose words are camelCase in JSON; numbers are refused.</summary>
public sealed class CamelCaseEnumConverter<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
