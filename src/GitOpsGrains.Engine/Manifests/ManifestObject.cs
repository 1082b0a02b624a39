using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>Where a manifest stands: file relative to the source's path, zero-based document index in it.</summary>
public readonly record struct ManifestPosition(string File, int Document)
{
    public override string ToString() => $"{File}#{Document}";
}

/// <summary>
/// One object as Git wants it: parsed, checked and normalised, before anything of a cluster or target is known.
/// </summary>
/// <param name="Id">The namespace is "" where the manifest names none.</param>
/// <param name="ApiVersion">As written in the manifest.</param>
/// <param name="Json">The object as canonical JSON (UTF-8, keys in ordinal order, no insignificant space).</param>
/// <param name="Hash">Of <paramref name="Json"/>.</param>
/// <param name="Position">Where it was read.</param>
public sealed record ManifestObject(
    ResourceId Id, string ApiVersion, ReadOnlyMemory<byte> Json, Digest Hash, ManifestPosition Position)
{
    private const int SlotLength = 8;

    private readonly RestingBytes _json = new(Json);

    public ReadOnlyMemory<byte> Json
    {
        get => _json.Value;
        init => _json = new RestingBytes(value);
    }

    /// <summary>The prefix of a hook's name that the manifest asks for; null for a manifest that names its object.</summary>
    public string? GenerateName { get; } = GenerateNameOf(Json.Span);

    /// <summary>Packs the JSON of manifests that are not going to be read soon.</summary>
    public static void Rest(IEnumerable<ManifestObject> objects) => RestingBytes.Pack(objects.Select(item => item._json));

    /// <summary>
    /// The name in the id of a manifest that has a generateName only: no object ever has it ('~' is in no name), and it is
    /// the same as long as the manifest is.
    /// </summary>
    internal static string SlotOf(string generateName, TreeMap root) => $"{generateName}~{CanonicalJson.Hash(root).ToString()[..SlotLength]}";

    private static string? GenerateNameOf(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\"generateName\""u8) < 0) return null;
        var metadata = ((TreeMap)JsonTreeReader.ReadTrusted(json)).Map("metadata");
        return metadata?["name"] is null or { IsNull: true } ? metadata?.Text("generateName") : null;
    }
}

/// <summary>Why a manifest can't be used. <see cref="Reason"/> is one sentence for people.</summary>
public sealed record ManifestFault(string File, int? Document, ResourceId? Object, string Reason)
{
    public override string ToString() =>
        $"{File}{(Document is { } index ? $" document {index}" : "")}{(Object is { } id ? $" ({id.Display})" : "")}: {Reason}";
}
