namespace GitOpsGrains.Demo;

/// <summary>Where the demo keeps what is its own.</summary>
public sealed class DemoFolder(string dataDirectory)
{
    public string Root { get; } = Path.Combine(dataDirectory, "demo");

    /// <summary>The bare repository that the server reads and pushes to.</summary>
    public string Repository => Path.Combine(Root, "fleet.git");

    /// <summary>A clone of it, for people to work in.</summary>
    public string Clone => Path.Combine(Root, "fleet");

    public string Clusters => Path.Combine(Root, "clusters");

    /// <summary>The documents that were applied last.</summary>
    public string Documents => Path.Combine(Root, "documents.yaml");

    /// <summary>A demo was played here before.</summary>
    public bool IsPlayed => File.Exists(Documents);

    public string KubeconfigOf(string cluster) => Path.Combine(Clusters, cluster + ".yaml");

    public string ObjectsOf(string cluster) => Path.Combine(Clusters, cluster + ".json");

    public void Create()
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Clusters);
        else Directory.CreateDirectory(Clusters, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file for its owner alone, whole or not at all.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var draft = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options)) file.Write(content);
        File.Move(draft, path, overwrite: true);
    }
}
