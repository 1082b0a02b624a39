using System.Xml.Linq;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>What a project file of src refers to; names without the prefix "GitOpsGrains.".</summary>
internal sealed record Project(string Name, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, IReadOnlyList<string> Frameworks)
{
    private const string Prefix = "GitOpsGrains.";

    public static IReadOnlyList<Project> OfSrc { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(static path => Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)))];

    public static Project Parse(string name, string xml)
    {
        var root = XDocument.Parse(xml).Root!;
        return new Project(
            Short(name),
            [.. Includes(root, "ProjectReference").Select(static path => Short(Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))))],
            [.. Includes(root, "PackageReference")],
            [.. Includes(root, "FrameworkReference")]);
    }

    private static string Short(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;

    private static IEnumerable<string> Includes(XElement root, string element) =>
        root.Descendants(element).Select(static item => (string?)item.Attribute("Include")).OfType<string>();
}
