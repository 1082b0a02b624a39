using System.Text.Json;

namespace GitOpsGrains.Storage.Directories;

/// <summary>
/// Holds a data directory for this process alone, by an operating system's lock on <c>DIR/lock</c> that ends with the
/// process. Who holds it stands in <c>DIR/lock.owner</c>, which others can read.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnlyFile | UnixFileMode.UserExecute;
    private const int WouldBlockOnLinux = 11, WouldBlockOnMac = 35, SharingViolationOnWindows = unchecked((int)0x80070020);
    private readonly FileStream _file;

    private DataDirectoryLock(string directory, FileStream file) => (Directory, _file) = (directory, file);

    /// <summary>The full path of the directory.</summary>
    public string Directory { get; }

    /// <summary>Creates the directory (mode 0700) if need be, and locks it.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds it.</exception>
    public static DataDirectoryLock Acquire(string directory, TimeProvider time)
    {
        var full = Path.GetFullPath(directory);
        CreatePrivateDirectory(full);
        RequireFileLocks(full);
        var file = Open(full);
        try
        {
            WriteOwner(full, new Owner(Environment.ProcessId, time.GetUtcNow()));
            return new DataDirectoryLock(full, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>With mode 0700, if it is not there.</summary>
    public static void CreatePrivateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(directory);
        else System.IO.Directory.CreateDirectory(directory, OwnerOnlyDirectory);
    }

    /// <summary>With mode 0600 from the first, for writing; one that is there is an <see cref="IOException"/>.</summary>
    internal static FileStream CreatePrivateFile(string path) => OpenPrivate(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });

    private static FileStream OpenPrivate(string path, FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnlyFile;
        return new FileStream(path, options);
    }

    private static FileStream Open(string directory)
    {
        try
        {
            return OpenPrivate(Path.Combine(directory, "lock"), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None });
        }
        catch (IOException exception) when (exception.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows)
        {
            var owner = ReadOwner(directory);
            throw new DataDirectoryInUseException(directory, owner?.ProcessId, owner?.StartedAt, exception);
        }
    }

    // With this setting .NET takes no locks at all, and two processes would write the same files.
    private static void RequireFileLocks(string directory)
    {
        var variable = Environment.GetEnvironmentVariable("DOTNET_SYSTEM_IO_DISABLEFILELOCKING");
        var off = variable is "1" || string.Equals(variable, "true", StringComparison.OrdinalIgnoreCase)
            || (AppContext.TryGetSwitch("System.IO.DisableFileLocking", out var disabled) && disabled);
        if (off)
            throw new InvalidOperationException(
                $"file locks are switched off (DOTNET_SYSTEM_IO_DISABLEFILELOCKING), so '{directory}' can't be kept from a second process");
    }

    private static void WriteOwner(string directory, Owner owner)
    {
        var temporary = Path.Combine(directory, "lock.owner.new");
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(owner));
        File.Move(temporary, Path.Combine(directory, "lock.owner"), overwrite: true);
    }

    private static Owner? ReadOwner(string directory)
    {
        try
        {
            return JsonSerializer.Deserialize<Owner>(File.ReadAllBytes(Path.Combine(directory, "lock.owner")));
        }
        catch (Exception exception) when (exception is IOException or JsonException or UnauthorizedAccessException)
        {
            // The holder is between the lock and its note: the directory is in use all the same, by nobody known.
            return null;
        }
    }

    private sealed record Owner(int ProcessId, DateTimeOffset StartedAt);
}
