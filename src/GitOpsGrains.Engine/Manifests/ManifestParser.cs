using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>What one file holds. Objects are usable only if no file of the render has a fault.</summary>
public sealed record ManifestParseResult(IReadOnlyList<ManifestObject> Objects, IReadOnlyList<ManifestFault> Faults)
{
    /// <summary>Names of variables that stand in it; complete when there is no fault. Empty without a substitution.</summary>
    public IReadOnlySet<string> Variables { get; init; } = ImmutableHashSet<string>.Empty;
}

/// <summary>
/// Reads Kubernetes objects from a YAML or JSON file: any number of documents, Lists taken apart, checked, normalised,
/// in canonical form. All faults are collected, up to <see cref="MaxFaults"/> a file.
/// </summary>
public sealed class ManifestParser
{
    /// <summary>After so many faults the rest of a file is not read.</summary>
    public const int MaxFaults = 100;

    /// <summary>From so many documents on, a file is worth more than one processor.</summary>
    private const int ManyDocuments = 32;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(code => code is not (9 or 10 or 13)).Select(code => (byte)code), 0x7F]);

    private readonly string _file;
    private readonly RenderLimits _limits;
    private readonly Substitution? _substitution;
    private readonly List<ManifestObject> _objects = [];
    private readonly List<ManifestFault> _faults = [];
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private long _written;

    private ManifestParser(string file, RenderLimits limits, Substitution? substitution)
    {
        _file = file;
        _limits = limits;
        _substitution = substitution;
    }

    /// <param name="file">Relative to the source's path; only used in positions, and ".json" forbids YAML.</param>
    /// <param name="substitution">Null: variables have no meaning.</param>
    public static ManifestParseResult Parse(string file, ReadOnlyMemory<byte> content, RenderLimits limits, Substitution? substitution = null)
    {
        var parser = new ManifestParser(file, limits, substitution);
        parser.ParseFile(content.Span);
        return new ManifestParseResult(parser._objects, parser._faults) { Variables = parser._variables };
    }

    private bool IsFull => _faults.Count >= MaxFaults;

    private void ParseFile(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith(ByteOrderMark)) content = content[3..];
        if (LfsPointer.Is(content)) Fault(null, null, LfsPointer.Reason);
        else if (content.Length > _limits.MaxFileBytes) Fault(null, null, $"the file is larger than {_limits.MaxFileBytes} bytes");
        else if (!Utf8.IsValid(content)) Fault(null, null, "the file is not UTF-8");
        else if (content.IndexOfAny(Controls) is var at and >= 0)
            Fault(null, null, $"the file holds the control character 0x{content[at]:X2} (line {content[..at].Count((byte)'\n') + 1})");
        else
            ParseText(Encoding.UTF8.GetString(content));
    }

    private void ParseText(string text)
    {
        var slices = DocumentSplitter.Split(text).ToArray();
        if (slices.Length >= ManyDocuments && TryParseInParts(text, slices)) return;
        foreach (var slice in slices)
        {
            if (IsFull)
            {
                _faults.Add(new ManifestFault(_file, slice.Index, null, "too many faults: the rest of the file was not read"));
                return;
            }

            ParseSlice(text, slice);
        }
    }

    /// <summary>
    /// Reads a large file on all processors. False, with nothing taken over, when there is a fault or a limit is met: one
    /// reading in order says which, and where the rest ends.
    /// </summary>
    private bool TryParseInParts(string text, DocumentSlice[] slices)
    {
        var parts = slices.Chunk((slices.Length - 1) / Environment.ProcessorCount + 1).ToArray();
        var parsers = Array.ConvertAll(parts, _ => new ManifestParser(_file, _limits, _substitution));
        Parallel.For(0, parts.Length, part =>
        {
            foreach (var slice in parts[part])
            {
                parsers[part].ParseSlice(text, slice);
                if (parsers[part]._faults.Count > 0) return;
            }
        });
        if (parsers.Any(parser => parser._faults.Count > 0)) return false;
        if (parsers.Sum(parser => parser._objects.Count) > _limits.MaxObjects || parsers.Sum(parser => parser._written) > _limits.MaxTotalBytes) return false;
        foreach (var parser in parsers)
        {
            _objects.AddRange(parser._objects);
            _variables.UnionWith(parser._variables);
        }
        return true;
    }

    private void ParseSlice(string text, DocumentSlice slice)
    {
        if (!TryParseJson(text, slice)) ParseYaml(text.Substring(slice.Start, slice.Length), slice);
    }

    private void ParseYaml(string text, DocumentSlice slice)
    {
        try
        {
            var reader = new YamlDocumentReader(text, slice.Line, _limits, reason => Fault(slice.Index, null, reason));
            for (var read = 0; ; read++)
            {
                var faults = _faults.Count;
                if (!reader.TryRead(out var root))
                {
                    if (read == 0) Fault(slice.Index, null, $"the YAML is broken at line {slice.Line + 1}: a directive without a document");
                    return;
                }

                if (root is not null) AddRoot(root, slice.Index, isSound: faults == _faults.Count);
            }
        }
        catch (UnreadableDocumentException exception)
        {
            Fault(slice.Index, null, exception.Message);
        }
    }

    /// <summary>False when the slice is not JSON and may be YAML.</summary>
    private bool TryParseJson(string text, DocumentSlice slice)
    {
        var span = text.AsSpan(slice.Start, slice.Length);
        var isMarked = span.StartsWith("---");
        var body = (isMarked ? span[3..] : span).TrimStart(" \t\r\n");
        var mustBeJson = _file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        if (body.Length == 0 || (!mustBeJson && body[0] is not ('{' or '['))) return false;

        var roots = new List<TreeNode>();
        var duplicates = new List<string>();
        try
        {
            var reader = new JsonTreeReader(Encoding.UTF8.GetBytes(body.ToString()), _limits.MaxDepth, _limits.MaxNodes, duplicates.Add);
            while (reader.TryRead(out var root)) roots.Add(root!);
        }
        catch (JsonException exception)
        {
            if (!mustBeJson) return false;
            Fault(slice.Index, null, $"the JSON is broken at line {slice.Line + LinesBefore(span, body) + (exception.LineNumber ?? 0) + 1}: {Cause(exception)}");
            return true;
        }

        foreach (var key in duplicates.Take(MaxFaults)) Fault(slice.Index, null, $"the key '{(key.Length <= 80 ? key : key[..77] + "...")}' stands twice in a mapping");
        foreach (var root in roots) AddRoot(root, slice.Index, isSound: duplicates.Count == 0);
        return true;
    }

    private static int LinesBefore(ReadOnlySpan<char> span, ReadOnlySpan<char> body) => span[..^body.Length].Count('\n');

    private static string Cause(JsonException exception)
    {
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? exception.Message : exception.Message[..end]).TrimEnd('.');
    }

    /// <param name="isSound">False: only its further faults are wanted.</param>
    private void AddRoot(TreeNode root, int document, bool isSound)
    {
        var kept = _objects.Count;
        if (root is not TreeMap map) Fault(document, null, $"the document is {root.TypeName}, not a Kubernetes object");
        else if (map.Count > 0) AddObject(map, document, null);
        if (!isSound) _objects.RemoveRange(kept, _objects.Count - kept);
    }

    /// <param name="list">The list that the object is an item of.</param>
    private void AddObject(TreeMap root, int document, TreeMap? list)
    {
        if (list is not null) Inherit(root, list);
        if (root.List("items") is { } items && root.Text("kind") is { } kind && kind.EndsWith("List", StringComparison.Ordinal)
            && root.Text("apiVersion") is { Length: > 0 })
        {
            foreach (var item in items.Items)
            {
                if (item is TreeMap map) AddObject(map, document, root);
                else Fault(document, null, $"an item of the {kind} is {item.TypeName}, not an object");
            }

            return;
        }

        var faults = _faults.Count;
        ResourceId? known = null;
        _substitution?.Apply(root, reason => Fault(document, null, reason), _variables);
        if (_faults.Count > faults) return;
        var id = ManifestShape.Check(root, reason => Fault(document, known, reason));
        if (id is not { } resource) return;
        known = resource;
        ManifestNormaliser.Normalise(root, resource, reason => Fault(document, known, reason));
        if (_faults.Count == faults) Keep(root, resource, document);
    }

    /// <summary>Items of a typed list (ConfigMapList) may leave out what the list says.</summary>
    private static void Inherit(TreeMap item, TreeMap list)
    {
        var kind = list.Text("kind")!;
        if (kind == "List") return;
        if (item["kind"] is null) item.Set("kind", TreeScalar.Of(kind[..^"List".Length]));
        if (item["apiVersion"] is null) item.Set("apiVersion", list["apiVersion"]!);
    }

    private void Keep(TreeMap root, ResourceId id, int document)
    {
        using var scratch = Scratch.Take();
        var output = scratch.Output;
        CanonicalJson.Write(root, output);
        _written += output.WrittenCount;
        if (_objects.Count >= _limits.MaxObjects) Fault(document, id, $"the file holds more than {_limits.MaxObjects} objects");
        else if (_written > _limits.MaxTotalBytes) Fault(document, id, $"the objects of the file are larger than {_limits.MaxTotalBytes} bytes");
        else
            _objects.Add(new ManifestObject(
                id, root.Text("apiVersion")!, output.WrittenSpan.ToArray(), Digest.Of(output.WrittenSpan), new ManifestPosition(_file, document)));
    }

    private void Fault(int? document, ResourceId? id, string reason)
    {
        if (!IsFull) _faults.Add(new ManifestFault(_file, document, id, reason));
    }
}
