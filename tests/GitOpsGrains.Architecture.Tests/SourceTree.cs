namespace GitOpsGrains.Architecture.Tests;

/// <summary>The repository's files, read once.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Src { get; } = Read("src");

    public static IReadOnlyList<SourceFile> Tests { get; } = Read("tests");

    public static IEnumerable<SourceFile> All => Src.Concat(Tests);

    public static IEnumerable<SourceFile> Of(string project) =>
        Src.Where(file => file.Path.StartsWith($"src/GitOpsGrains.{project}/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "GitOpsGrains.sln"))) return at.FullName;
        throw new InvalidOperationException($"no GitOpsGrains.sln above {AppContext.BaseDirectory}");
    }

    private static List<SourceFile> Read(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(static path => (Full: path, Relative: Path.GetRelativePath(Root, path).Replace('\\', '/')))
            .Where(static path => !path.Relative.Split('/').Any(static part => part is "obj" or "bin"))
            .OrderBy(static path => path.Relative, StringComparer.Ordinal)
            .Select(static path => new SourceFile(path.Relative, File.ReadAllText(path.Full)))];
}
