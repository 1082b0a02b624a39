namespace GitOpsGrains.Adapters.Processes;

/// <summary>Where programs are.</summary>
public static class Programs
{
    /// <summary>The full path of a program: as it is given, if that is one, else the first on the PATH of this process. Null when it is not there.</summary>
    public static string? Find(string program)
    {
        if (Path.IsPathFullyQualified(program)) return File.Exists(program) ? program : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }
}
