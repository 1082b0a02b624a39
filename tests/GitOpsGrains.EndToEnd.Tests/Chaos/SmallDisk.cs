using System.Globalization;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A disk of few megabytes, in memory, that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _ballast;

    private SmallDisk(string folder) => (Folder, _ballast) = (folder, Path.Combine(folder, "ballast"));

    public string Folder { get; }

    public long Free => new DriveInfo(Folder).AvailableFreeSpace;

    /// <summary>Skips the test for whoever may not mount.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a disk needs root");
        var disk = new SmallDisk(TestFolder.New("disk"));
        await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", disk.Folder);
        return disk;
    }

    /// <summary>What others free meanwhile is filled as well when it is called again.</summary>
    public void Fill()
    {
        var part = new byte[4096];
        using var ballast = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) ballast.Write(part);
        }
        catch (IOException) when (Free < part.Length)
        {
            // There is not one page left.
        }
    }

    public void Empty() => File.Delete(_ballast);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Folder);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = await OwnedProcess.StartAsync(Tools.Require(program, $"/usr/bin/{program}"), arguments);
        var code = await process.WaitForExitAsync();
        Assert.SkipWhen(program == "mount" && code != 0, $"no disk can be mounted here: {process.Output}");
        Assert.Equal(0, code);
    }
}
