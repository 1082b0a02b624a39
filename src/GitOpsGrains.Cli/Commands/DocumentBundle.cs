using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Cli.Commands;

/// <summary>Files joined to one stream, and which file a fault of the stream is in.</summary>
internal sealed class DocumentBundle
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private readonly List<(string Name, int FirstDocument, int FirstLine)> _files = [];

    private DocumentBundle(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    /// <summary>Errors: <see cref="CliException"/> for files that can't be read and for nothing to apply.</summary>
    public static async Task<DocumentBundle> ReadAsync(CliEnvironment environment, IReadOnlyList<string> names, bool recursive, CancellationToken cancellationToken)
    {
        var files = new List<(string Name, byte[] Bytes)>();
        foreach (var name in names)
        {
            if (name == "-") files.Add(("standard input", await ReadAllAsync(environment.OpenInput(), cancellationToken)));
            else foreach (var path in Expand(environment, name, recursive)) files.Add((path, await ReadFileAsync(environment.FullPath(path), cancellationToken)));
        }

        return Join(files);
    }

    /// <summary>The fault with its place in its own file.</summary>
    public string Describe(DocumentFault fault)
    {
        if (fault.Document is not { } document) return fault.ToString();
        var file = _files.Last(file => file.FirstDocument <= document);
        return $"{file.Name}: {fault with { Document = document - file.FirstDocument, Line = fault.Line - file.FirstLine }}";
    }

    private static DocumentBundle Join(List<(string Name, byte[] Bytes)> files)
    {
        using var joined = new MemoryStream();
        var (places, documents, lines) = (new List<(string, int, int)>(), 0, 0);
        foreach (var (name, bytes) in files)
        {
            var text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
            places.Add((name, documents, lines));
            documents += DocumentStream.Parse(text, DocumentLimits.Default).Count;
            joined.Write(text.Span);
            joined.Write("\n---\n"u8);
            lines += text.Span.Count((byte)'\n') + 2;
        }

        if (documents == 0) throw CliException.Usage("there is no document to apply");
        var bundle = new DocumentBundle(joined.ToArray());
        bundle._files.AddRange(places);
        return bundle;
    }

    private static string[] Expand(CliEnvironment environment, string name, bool recursive)
    {
        var path = environment.FullPath(name);
        if (!Directory.Exists(path)) return [name];
        var found = Directory.EnumerateFiles(path, "*", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
            .Where(static file => Extensions.Contains(Path.GetExtension(file)))
            .Order(StringComparer.Ordinal)
            .Select(file => Path.Combine(name, Path.GetRelativePath(path, file)))
            .ToArray();
        return found.Length > 0 ? found : throw CliException.Usage($"{name} holds no *.yaml, *.yml or *.json");
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} can't be read{(File.Exists(path) ? "" : ": no such file")}", inner: broken);
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var input = stream;
        using var all = new MemoryStream();
        await input.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }
}
