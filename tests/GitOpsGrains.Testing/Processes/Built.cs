namespace GitOpsGrains.Testing.Processes;

/// <summary>The programs of the product, as they were built beside the running test.</summary>
public static class Built
{
    /// <summary>The repository that the running test was built of.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a program's assembly: <c>artifacts/bin/PROJECT/CONFIGURATION/ASSEMBLY.dll</c>.</summary>
    public static string Assembly(string project, string assembly)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built: the test project must reference {project}", path);
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "GitOpsGrains.sln"))) return at.FullName;
        throw new InvalidOperationException($"no GitOpsGrains.sln above {AppContext.BaseDirectory}");
    }
}
