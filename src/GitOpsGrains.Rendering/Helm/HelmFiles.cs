using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Rendering.Closures;
using Microsoft.Extensions.FileSystemGlobbing;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>Finds the files that a source's options name: relative to the chart, from the repository's root ('/'), or in another source ('$').</summary>
internal sealed class HelmFiles(ClosureBuilder builder, string chart)
{
    private readonly HelmSpec _spec = builder.Request.Source.Helm ?? new HelmSpec();

    public async Task<IReadOnlyList<NamedFile>> ValuesAsync()
    {
        var files = new List<NamedFile>();
        for (var i = 0; i < _spec.ValueFiles.Count; i++)
        {
            var field = $"helm.valueFiles[{i}]";
            if (Locate(field, _spec.ValueFiles[i]) is not { } place) continue;
            var found = place.Path.Contains('*', StringComparison.Ordinal) ? await MatchAsync(place) : await FindAsync(field, place);
            if (found.Count == 0 && !_spec.IgnoreMissingValueFiles) builder.Fault(".", $"{field}: '{_spec.ValueFiles[i]}' does not exist");
            // A file that comes again has its effect at the last place, as on helm's own command line.
            files.AddRange(found.Select(path => new NamedFile("", place.Reference, path)));
        }
        return files;
    }

    public async Task<IReadOnlyList<NamedFile>> ParametersAsync()
    {
        var files = new List<NamedFile>();
        for (var i = 0; i < _spec.FileParameters.Count; i++)
        {
            var (field, parameter) = ($"helm.fileParameters[{i}]", _spec.FileParameters[i]);
            if (Locate(field, parameter.Path) is not { } place) continue;
            if (await FindAsync(field, place) is [var path]) files.Add(new NamedFile(parameter.Name, place.Reference, path));
            else builder.Fault(".", $"{field}: '{parameter.Path}' does not exist");
        }
        return files;
    }

    private (string Reference, string Path)? Locate(string field, string text)
    {
        var reference = "";
        var path = text.StartsWith('/') ? RepositoryPaths.Join("", text[1..]) : RepositoryPaths.Join(chart, text);
        if (text.StartsWith('$'))
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            reference = slash < 0 ? text[1..] : text[1..slash];
            path = slash < 0 ? null : RepositoryPaths.Join("", text[(slash + 1)..]);
            if (!builder.Request.Context.References.ContainsKey(reference))
            {
                builder.Fault(".", $"{field}: no source of the application has the name '{reference}'");
                return null;
            }
        }
        if (path is not null) return (reference, path);
        builder.Fault(".", $"{field}: '{text}' is not inside the repository");
        return null;
    }

    private async Task<IReadOnlyList<string>> FindAsync(string field, (string Reference, string Path) place)
    {
        if (await builder.FindAsync(place.Reference, place.Path, ".") is not { } found) return [];
        if (found.Kind == TreeEntryKind.Blob)
        {
            builder.AddAt(place.Reference, place.Path, found.Id, found.Size);
            return [place.Path];
        }
        builder.Fault(".", $"{field}: '{place.Path}' is a directory");
        return [];
    }

    /// <summary>All files below the part of the pattern that has no '*' count as read: another one may match tomorrow.</summary>
    private async Task<IReadOnlyList<string>> MatchAsync((string Reference, string Path) place)
    {
        var star = place.Path.IndexOf('*', StringComparison.Ordinal);
        var folder = RepositoryPaths.ParentOf(place.Path[..star]);
        if (await builder.FindAsync(place.Reference, folder, ".") is not { Kind: TreeEntryKind.Tree } tree) return [];
        builder.ReadTree(place.Reference, folder, tree);
        if (await builder.ListAsync(tree) is not { } files) return [];
        var matcher = new Matcher(StringComparison.Ordinal);
        matcher.AddInclude(folder.Length == 0 ? place.Path : place.Path[(folder.Length + 1)..]);
        var found = new List<string>();
        foreach (var file in files.Where(file => file.Kind == TreeEntryKind.Blob && matcher.Match(file.Path).HasMatches))
        {
            var path = RepositoryPaths.Join(folder, file.Path)!;
            builder.AddAt(place.Reference, path, file.Id, file.Size);
            found.Add(path);
        }
        return found;
    }
}
