using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Validation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GitOpsGrains.Documents.Parsing;

/// <summary>Reads streams of documents: YAML or JSON, any number, UTF-8. All faults of all documents are told together.</summary>
public sealed class DocumentStream
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly DocumentLimits _limits;
    private readonly AdminPolicy? _policy;
    private readonly FaultList _faults;
    private readonly List<Document> _documents = [];
    private readonly List<int> _indexes = [];
    private readonly Dictionary<(string Kind, string Project, string Name), int> _seen = [];
    private int _count;

    private DocumentStream(DocumentLimits limits, AdminPolicy? policy) =>
        (_limits, _policy, _faults) = (limits, policy, new FaultList(limits.MaxFaults));

    /// <summary>
    /// Checks form only: syntax, known fields, types. A top-level <c>status</c>, as the server prints it, is read over.
    /// </summary>
    public static DocumentParseResult Parse(ReadOnlyMemory<byte> utf8, DocumentLimits limits) => new DocumentStream(limits, null).Run(utf8);

    /// <summary>As <see cref="Parse"/>, then <see cref="DocumentValidation"/> for each document and against two of the same name.</summary>
    public static DocumentParseResult ParseAndValidate(ReadOnlyMemory<byte> utf8, DocumentLimits limits, AdminPolicy policy) =>
        new DocumentStream(limits, policy).Run(utf8);

    private DocumentParseResult Run(ReadOnlyMemory<byte> utf8)
    {
        if (Decode(utf8.Span) is { } text)
        {
            foreach (var chunk in StreamChunks.Of(text))
            {
                if (!ReadChunk(chunk)) break;
            }
        }

        return new DocumentParseResult(_documents, _faults.Faults) { Indexes = _indexes, Count = _count };
    }

    private string? Decode(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _limits.MaxBytes)
        {
            _faults.Add("", $"the stream is larger than {_limits.MaxBytes} bytes");
            return null;
        }

        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            _faults.Add("", "the stream is not UTF-8");
            return null;
        }
    }

    private bool ReadChunk(StreamChunks.Chunk chunk)
    {
        try
        {
            if (StreamChunks.IsJson(chunk, out var start) && ReadJson(chunk, start)) return true;
            ReadYaml(chunk);
            return true;
        }
        catch (YamlException broken)
        {
            _faults.Start(_count++);
            _faults.Add("", $"not YAML: {NodePath.Shown(broken.Message)}", chunk.FirstLine + Math.Max(0, (int)broken.Start.Line - 1));
        }
        catch (NodeLimitException refused)
        {
            _faults.Start(_count++);
            _faults.Add("", refused.Message, refused.Line);
        }
        catch (TooManyDocumentsException)
        {
            _faults.Start(null);
            _faults.Add("", $"more than {_limits.MaxDocuments} documents");
            return false;
        }

        return true;
    }

    private void ReadYaml(StreamChunks.Chunk chunk)
    {
        using var text = new StringReader(chunk.Text);
        var parser = new GuardedParser(text);
        // YAML's own lines begin at one.
        var firstLine = chunk.FirstLine - 1;
        while (parser.MoveNext())
        {
            if (parser.Current is not DocumentStart) continue;
            parser.MoveNext();
            if (parser.Current is DocumentEnd) continue;
            _faults.Start(_count);
            var nodes = new YamlNodes(parser, _limits, _faults, firstLine);
            if (nodes.Read() is { } root) Take(root, nodes.Lines);
        }
    }

    /// <summary>False when the chunk's first value is not JSON: then it may be YAML in flow style.</summary>
    private bool ReadJson(StreamChunks.Chunk chunk, int start)
    {
        var bytes = StrictUtf8.GetBytes(chunk.Text[start..]);
        var reader = new Utf8JsonReader(bytes, JsonNodes.Options(_limits));
        var line = chunk.FirstLine + chunk.Text.AsSpan(0, start).Count('\n');
        var first = true;
        try
        {
            while (reader.Read())
            {
                _faults.Start(_count);
                var at = line + bytes.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n');
                var nodes = new JsonNodes(_limits, _faults);
                if (nodes.Read(ref reader, at) is { } root) Take(root, nodes.Lines);
                first = false;
            }
        }
        catch (JsonException broken)
        {
            if (first) return false;
            _faults.Start(_count++);
            _faults.Add("", "not JSON", line + (int)(broken.LineNumber ?? 0));
        }

        return true;
    }

    private void Take(JsonNode root, NodeLines lines)
    {
        if (_count >= _limits.MaxDocuments) throw new TooManyDocumentsException();
        var index = _count++;
        if (root is not JsonObject map)
        {
            _faults.Add("", $"expected a document, got {ShapeCheck.Word(root)}", lines.Start);
            return;
        }

        if (TypeOf(map, lines) is not { } type) return;
        map.Remove("status");
        new ShapeCheck(_faults, lines).Check(map, type, NodePath.Root);
        if (_faults.HasOfDocument) return;
        var document = (Document)map.Deserialize(type, DocumentJson.Options)!;
        if (_policy is not null) Validate(document, map, lines, index);
        if (_faults.HasOfDocument) return;
        _documents.Add(document);
        _indexes.Add(index);
    }

    private Type? TypeOf(JsonObject map, NodeLines lines)
    {
        var (apiVersion, kind) = (Text(map, "apiVersion"), Text(map, "kind"));
        var name = map["metadata"] is JsonObject metadata ? Text(metadata, "name") : null;
        _faults.Describe(kind is null ? null : NodePath.Shown(kind), name is null ? null : NodePath.Shown(name));
        if (apiVersion != Document.V1)
        {
            var got = apiVersion is null ? "nothing" : NodePath.Shown(apiVersion);
            _faults.Add("apiVersion", $"expected {Document.V1}, got {got}", lines.Of(map, "apiVersion") ?? lines.Start);
            return null;
        }

        var type = DocumentKinds.TypeOf(kind);
        if (type is null)
        {
            var known = string.Join(", ", DocumentKinds.All);
            var hint = kind is null ? "" : NearestName.Hint(kind, DocumentKinds.All);
            _faults.Add("kind", $"expected one of {known}, got {(kind is null ? "nothing" : NodePath.Shown(kind))}{hint}", lines.Of(map, "kind") ?? lines.Start);
        }

        return type;
    }

    private void Validate(Document document, JsonObject map, NodeLines lines, int index)
    {
        foreach (var fault in DocumentValidation.Meaning(document, _policy!)) _faults.Add(fault.Path, fault.Message, lines.OfPath(map, fault.Path));
        var project = document is ApplicationDocument application ? application.Spec.Project : "";
        if (!_seen.TryAdd((document.Kind, project, document.Metadata.Name), index))
            _faults.Add("metadata.name", $"the same {document.Kind} is document {_seen[(document.Kind, project, document.Metadata.Name)]} of this stream", lines.OfPath(map, "metadata.name"));
    }

    private static string? Text(JsonObject map, string name) =>
        map.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private sealed class TooManyDocumentsException : Exception;
}
