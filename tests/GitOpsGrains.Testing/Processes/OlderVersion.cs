using System.Formats.Tar;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Testing.Processes;

/// <summary>A version of the product as it was at a commit of this repository, built once and kept in the cache of the tests.</summary>
public sealed class OlderVersion
{
    private const string Artifacts = "artifacts";
    private static readonly string[] Programs = ["GitOpsGrains.Silo", "GitOpsGrains.Gateway.Host"];

    private readonly string _folder;

    private OlderVersion(string folder) => _folder = folder;

    /// <summary>Null where the history does not reach back to the commit, as in a shallow clone or without a repository.</summary>
    public static async Task<OlderVersion?> BuildAsync(string commit)
    {
        var kept = Path.Combine(Tools.Cache, "versions", commit);
        if (Directory.Exists(kept)) return new OlderVersion(kept);
        if (FindRepository() is not { } repository || !await HasAsync(repository, commit)) return null;
        var sources = Directory.CreateDirectory($"{kept}-{Environment.ProcessId}").FullName;
        try
        {
            await ExportAsync(repository, commit, sources);
            foreach (var program in Programs) await BuildAsync(sources, program);
            // Whole or not at all: a build that was cut off is none.
            Directory.Move(Path.Combine(sources, Artifacts, "bin"), kept);
        }
        finally
        {
            Directory.Delete(sources, recursive: true);
        }
        return new OlderVersion(kept);
    }

    /// <summary>Path of a program's assembly.</summary>
    internal string Assembly(string program) => Path.Combine(_folder, program, "release", program + ".dll");

    private static string? FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Exists(Path.Combine(folder.FullName, ".git"))) return folder.FullName;
        return null;
    }

    private static async Task<bool> HasAsync(string repository, string commit)
    {
        try
        {
            return await GitProcess.RunAsync(repository, ["cat-file", "-t", commit]) == "commit";
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task ExportAsync(string repository, string commit, string folder)
    {
        var archive = Path.Combine(folder, "sources.tar");
        await GitProcess.RunAsync(repository, ["archive", "--format=tar", "-o", archive, commit]);
        await TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: true);
    }

    private static async Task BuildAsync(string folder, string program)
    {
        using var build = await OwnedProcess.StartAsync(
            new OwnedProcessOptions { WorkingDirectory = folder }, Tools.Require("dotnet"),
            "build", $"src/{program}", "-c", "Release", "-v", "quiet", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false");
        if (await build.WaitForExitAsync() != 0) throw new InvalidOperationException($"{program} of the older version can't be built: {build.Output}");
    }
}
