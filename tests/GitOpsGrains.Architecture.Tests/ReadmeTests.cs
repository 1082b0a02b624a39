using System.Diagnostics;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>What the README promises of its two commands and no other test would notice.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task DotnetRun_OfTheSilo_StartsInTheFolderOfTheCommand()
    {
        var folder = Directory.CreateTempSubdirectory("gog-run-").FullName;
        var project = Path.Combine(SourceTree.Root, "src", "GitOpsGrains.Silo");
        using var evaluation = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", project, "-getProperty:RunWorkingDirectory", "-nologo"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;

        var printed = await evaluation.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await evaluation.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(folder, printed.Trim());
        Directory.Delete(folder);
    }
}
