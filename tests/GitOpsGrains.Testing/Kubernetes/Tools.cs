using Xunit.v3;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>The programs that tests run: found in KUBEBUILDER_ASSETS, in the cache that tests/tools fills, or on the PATH.</summary>
public static class Tools
{
    public static bool IsContinuousIntegration =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The path of a program. Where it is missing the running test is skipped with a reason; with the environment variable
    /// CI=true it fails instead.
    /// </summary>
    /// <param name="elsewhere">Where it may lie besides: services are not on every user's PATH.</param>
    public static string Require(string program, string? elsewhere = null)
    {
        if (Find(program) is { } path) return path;
        if (elsewhere is not null && File.Exists(elsewhere)) return elsewhere;
        var reason = $"'{program}' is not here: run tests/tools/*.sh, or set KUBEBUILDER_ASSETS";
        throw IsContinuousIntegration
            ? new InvalidOperationException(reason)
            : new ToolMissingException(DynamicSkipToken.Value + reason);
    }

    /// <summary>What is made once and kept for all runs.</summary>
    public static string Cache =>
        Environment.GetEnvironmentVariable("GITOPSGRAINS_CACHE") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "gitopsgrains");

    public static string? Find(string program)
    {
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS"),
            Path.Combine(Cache, "bin"),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
        return folders.OfType<string>().Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }
}

/// <summary>Its message carries the runner's token for a skipped test.</summary>
public sealed class ToolMissingException(string message) : Exception(message);
