using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;

namespace GitOpsGrains.Gateway.Tests.Grpc;

/// <summary>
/// Whether REST and gRPC say the same: REST's JSON beside the message in the JSON of protobuf, by rules of their own and not by
/// the mapping that is tested. What is empty may be left out, enums have their words after a prefix, times are moments.
/// </summary>
internal static class SameAnswer
{
    public static void Assert(string rest, IMessage message, params ReadOnlySpan<string> moving)
    {
        var differences = new List<string>();
        Compare(JsonNode.Parse(rest), JsonNode.Parse(JsonFormatter.Default.Format(message)), "", new HashSet<string>([.. moving]), differences);
        Xunit.Assert.True(differences.Count == 0, $"{string.Join('\n', differences)}\nREST: {rest}\ngRPC: {JsonFormatter.Default.Format(message)}");
    }

    public static IReadOnlyList<string> Differences(string rest, string grpc)
    {
        var differences = new List<string>();
        Compare(JsonNode.Parse(rest), JsonNode.Parse(grpc), "", [], differences);
        return differences;
    }

    private static void Compare(JsonNode? rest, JsonNode? grpc, string path, HashSet<string> moving, List<string> differences)
    {
        if (IsEmpty(rest) && IsEmpty(grpc)) return;
        if (rest is JsonObject left && grpc is JsonObject right)
        {
            foreach (var name in left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)).Where(name => !moving.Contains(name)))
                Compare(left[name], right[name], $"{path}.{name}", moving, differences);
        }
        else if (rest is JsonArray ones && grpc is JsonArray others && ones.Count == others.Count)
        {
            for (var index = 0; index < ones.Count; index++) Compare(ones[index], others[index], $"{path}[{index}]", moving, differences);
        }
        else if (!IsSameValue(rest, grpc))
        {
            differences.Add($"{path}: REST {Text(rest)}, gRPC {Text(grpc)}");
        }
    }

    private static bool IsSameValue(JsonNode? rest, JsonNode? grpc)
    {
        if (rest is not JsonValue left || grpc is not JsonValue right || left.GetValueKind() != right.GetValueKind()) return false;
        return left.GetValueKind() switch
        {
            JsonValueKind.Number => left.GetValue<double>().Equals(right.GetValue<double>()),
            JsonValueKind.String => IsSameText(left.GetValue<string>(), right.GetValue<string>()),
            _ => true,
        };
    }

    private static bool IsSameText(string rest, string grpc) =>
        rest == grpc
        || (grpc.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_') && grpc.Replace("_", "", StringComparison.Ordinal).EndsWith(rest.ToUpperInvariant(), StringComparison.Ordinal))
        || (DateTimeOffset.TryParse(rest, CultureInfo.InvariantCulture, out var time) && DateTimeOffset.TryParse(grpc, CultureInfo.InvariantCulture, out var other) && time == other);

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonObject members => members.All(member => IsEmpty(member.Value)),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.False => true,
            JsonValueKind.Number => value.GetValue<double>() == 0,
            JsonValueKind.String => value.GetValue<string>() is "",
            _ => false,
        },
        _ => false,
    };

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
