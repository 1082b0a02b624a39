using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>Keeps libgit2 from obeying this machine's Git configuration (url.insteadOf, proxies, hooks).</summary>
internal static class LibGit2Setup
{
    private static readonly Lazy<bool> Done = new(() =>
    {
        foreach (var level in new[] { ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData })
            GlobalSettings.SetConfigSearchPaths(level, []);
        return true;
    });

    public static void Ensure() => _ = Done.Value;
}
