namespace GitOpsGrains.Storage.Tests;

internal static class FileModes
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static void ExpectOwnerOnly(string path)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("file modes are Unix's");
        else Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & Others);
    }
}
