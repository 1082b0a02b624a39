using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>One object as a target wants it on its cluster: complete, ready to be applied.</summary>
/// <param name="Id">With its namespace; "" only for cluster-scoped kinds.</param>
/// <param name="Body">The apply configuration, canonical JSON with our label and annotations.</param>
/// <param name="Hash">Of the body without the digest annotation, which holds this value.</param>
/// <param name="Annotations">The manifest's own, without ours.</param>
public sealed record DesiredObject(
    ResourceId Id,
    string ApiVersion,
    ReadOnlyMemory<byte> Body,
    Digest Hash,
    ManifestPosition Position,
    IReadOnlyDictionary<string, string> Annotations)
{
    private readonly RestingBytes _body = new(Body);

    /// <exception cref="InvalidOperationException">It is an outline.</exception>
    public ReadOnlyMemory<byte> Body
    {
        get => IsOutline ? throw new InvalidOperationException($"the body of {Id} is not at hand") : _body.Value;
        init => _body = new RestingBytes(value);
    }

    /// <summary>Without body, position and annotations: good for comparing only.</summary>
    public bool IsOutline { get; private init; }

    /// <summary>Hash of the manifest that it was made of.</summary>
    internal Digest Manifest { get; init; }

    public static DesiredObject Outline(ResourceId id, string apiVersion, Digest hash) =>
        new(id, apiVersion, default, hash, default, DesiredObjects.NoAnnotations) { IsOutline = true };

    /// <summary>Packs the bodies of objects that are not going to be read soon.</summary>
    public static void Rest(IEnumerable<DesiredObject> objects) => RestingBytes.Pack(objects.Select(item => item._body));

    /// <summary>
    /// The body for an object that does not exist: it carries a resourceVersion that no object has. The server makes a
    /// missing object of it, and refuses it (409) for one that exists by then, whoever made it. Tried on 1.20.2, where only
    /// Services refuse it as such.
    /// </summary>
    public ReadOnlyMemory<byte> NewBody() => BodyWith(("resourceVersion", "1"));

    /// <summary>
    /// The body for an object that exists: the server refuses it if the object was changed (409) or deleted and made anew
    /// (409 or 422) since it was read.
    /// </summary>
    public ReadOnlyMemory<byte> FencedBody(string uid, string resourceVersion) => BodyWith(("uid", uid), ("resourceVersion", resourceVersion));

    /// <summary>
    /// The body under another name: a dry run of it shows whether the manifest can be made anew. Without the ports of nodes,
    /// which the object of the right name has.
    /// </summary>
    public ReadOnlyMemory<byte> TrialBody(string name)
    {
        var root = (TreeMap)JsonTreeReader.ReadTrusted(Body.Span);
        root.GetOrAddMap("metadata").Set("name", TreeScalar.Of(name));
        if (Id is { Group: "", Kind: "Service" })
            foreach (var port in root.Map("spec")?.List("ports")?.Items.OfType<TreeMap>() ?? [])
                port.Remove("nodePort");
        return CanonicalJson.Write(root);
    }

    public override string ToString() => Id.Display;

    /// <summary>The body as JSON.</summary>
    public JsonElement Json() => TrustedJson.Parse(Body.Span);

    /// <summary>The metadata of the body, without reading the rest of it.</summary>
    public JsonElement Metadata()
    {
        var body = Body.Span;
        return TrustedJson.Parse(body[MetadataOf(body)]);
    }

    /// <summary>As if all of it were read and written: the body is canonical.</summary>
    private ReadOnlyMemory<byte> BodyWith(params ReadOnlySpan<(string Name, string Value)> metadata)
    {
        var body = Body.Span;
        var place = MetadataOf(body);
        var map = (TreeMap)JsonTreeReader.ReadTrusted(body[place]);
        foreach (var (name, value) in metadata) map.Set(name, TreeScalar.Of(value));
        using var scratch = Scratch.Take();
        scratch.Output.Write(body[..place.Start]);
        CanonicalJson.Write(map, scratch.Output);
        scratch.Output.Write(body[place.End..]);
        return scratch.Output.WrittenSpan.ToArray();
    }

    private static Range MetadataOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = TrustedJson.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isFound) return start..(int)reader.BytesConsumed;
        }
        throw new InvalidOperationException("the body of an object has no metadata");
    }
}
