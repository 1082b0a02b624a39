namespace GitOpsGrains.Testing.Processes;

/// <summary>The programs of the product, as they were built beside the running test.</summary>
public static class Built
{
    /// <summary>Path of a program's assembly: <c>artifacts/bin/PROJECT/CONFIGURATION/ASSEMBLY.dll</c>.</summary>
    public static string Assembly(string project, string assembly)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built: the test project must reference {project}", path);
    }
}
