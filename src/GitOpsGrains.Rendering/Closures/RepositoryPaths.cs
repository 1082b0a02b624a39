namespace GitOpsGrains.Rendering.Closures;

/// <summary>'/' separated paths from a repository's root ("" is the root). Pure.</summary>
internal static class RepositoryPaths
{
    /// <summary>A path as seen from a directory, without "." and ".."; null when it is absolute or leaves the repository.</summary>
    public static string? Join(string directory, string path)
    {
        if (path.StartsWith('/') || path.AsSpan().ContainsAny('\\', '\0')) return null;
        var parts = new List<string>();
        foreach (var part in directory.Split('/').Concat(path.Split('/')))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count == 0) return null;
            else parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }

    public static bool IsBelow(string directory, string path) =>
        directory.Length == 0 || path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Whether every part can be a file's name on this machine and is what Git holds.</summary>
    public static bool IsWritable(string path) =>
        path.Length <= 3000 && path.Split('/').All(part => part is not ("" or "." or "..") && part.Length <= 200 && !part.Any(letter => char.IsControl(letter) || letter is '\uFFFD' or '\\'));
}
