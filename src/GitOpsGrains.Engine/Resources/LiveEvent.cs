using System.Globalization;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Resources;

/// <summary>A Kubernetes event of the core group, whichever of its fields its writer has filled. Texts are fit to be shown.</summary>
/// <param name="Uid">Of what it is about; "" where the writer does not know it.</param>
/// <param name="Message">Masked where it is about a Secret, whose values it could hold.</param>
public sealed record LiveEvent(
    ResourceId About, string Uid, string Type, string Reason, string Message, int Count, DateTimeOffset? First, DateTimeOffset Last, string Source, string Key)
{
    public const int MaxMessage = 1024;
    private const int MaxName = 253;
    private const int MaxWord = 128;
    private const string Hidden = "***";

    public static LiveEvent From(LiveObject live)
    {
        var root = live.Root;
        var about = AboutOf(Part(root, "involvedObject"));
        var last = Time(Part(root, "series"), "lastObservedTime") ?? Time(root, "lastTimestamp") ?? Time(root, "eventTime") ?? Time(live.Metadata, "creationTimestamp") ?? default;
        var message = about is { Group: "", Kind: "Secret" } ? Hidden : ShownText.Line(ShownText.WithoutTokens(Text(root, "message").Trim()), MaxMessage);
        return new LiveEvent(
            about, Text(Part(root, "involvedObject"), "uid"), Word(root, "type"), Word(root, "reason"), message,
            Math.Max(Number(Part(root, "series"), "count") ?? Number(root, "count") ?? 1, 1),
            Time(root, "firstTimestamp") ?? Time(root, "eventTime"), last.ToUniversalTime(), SourceOf(root), Digest.Of($"{live.Id.Namespace}/{live.Id.Name}/{live.Uid}").ToString()[..16]);
    }

    private static ResourceId AboutOf(JsonElement about)
    {
        var version = Text(about, "apiVersion");
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        return new ResourceId(slash < 0 ? "" : Name(version[..slash]), Name(Text(about, "kind")), Name(Text(about, "namespace")), Name(Text(about, "name")));
    }

    private static string SourceOf(JsonElement root)
    {
        var source = Part(root, "source");
        var component = Word(source, "component") is { Length: > 0 } named ? named : Word(root, "reportingComponent");
        return Word(source, "host") is { Length: > 0 } host ? $"{component} on {host}" : component;
    }

    private static string Name(string text) => ShownText.Line(text, MaxName);

    private static string Word(JsonElement element, string name) => ShownText.Line(Text(element, name), MaxWord);

    private static JsonElement Part(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    private static DateTimeOffset? Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static int? Number(JsonElement element, string name) =>
        Part(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    private static string Text(JsonElement element, string name) =>
        Part(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
