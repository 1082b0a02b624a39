namespace GitOpsGrains.Rendering.Directory;

/// <summary>A file to parse: path relative to the source's, blob id, size in bytes.</summary>
internal sealed record SourceFile(string Path, string BlobId, long Size)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly string[] KustomizationNames = ["kustomization.yaml", "kustomization.yml"];

    public bool IsJson => Path.EndsWith(".json", StringComparison.Ordinal);

    public bool IsKustomization => KustomizationNames.Contains(Path[(Path.LastIndexOf('/') + 1)..], StringComparer.Ordinal);

    public static bool IsManifest(string path) => Extensions.Any(extension => path.EndsWith(extension, StringComparison.Ordinal));
}
