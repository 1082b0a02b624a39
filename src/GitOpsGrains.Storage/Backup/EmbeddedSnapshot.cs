using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;
using Microsoft.Data.Sqlite;

namespace GitOpsGrains.Storage.Backup;

/// <summary>A data directory as it is at one moment, while its silo may go on writing.</summary>
internal static class EmbeddedSnapshot
{
    /// <summary>Copies into a directory that must be empty.</summary>
    /// <exception cref="StorageCopyException">There is no data, or it can't be read.</exception>
    public static async Task TakeAsync(string directory, string target, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(directory, "state.db"))) throw new StorageCopyException($"there is no data in '{directory}'");
        // A manifest set is stored before a state names it: in this order none is missing.
        await Task.Run(() => CopyDatabase(directory, target, "state.db"), cancellationToken);
        await Task.Run(() => CopyDatabase(directory, target, "manifests.db"), cancellationToken);
        var (keys, copied) = (Path.Combine(directory, "keys"), Path.Combine(target, "keys"));
        if (!Directory.Exists(keys)) return;
        DataDirectoryLock.CreatePrivateDirectory(copied);
        foreach (var key in Directory.EnumerateFiles(keys, "*.xml")) File.Copy(key, Path.Combine(copied, Path.GetFileName(key)));
    }

    private static void CopyDatabase(string directory, string target, string file)
    {
        var (source, copy) = (Path.Combine(directory, file), Path.Combine(target, file));
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            // One read transaction: https://sqlite.org/lang_vacuum.html#vacuuminto
            command.CommandText = "VACUUM INTO $copy";
            command.Parameters.AddWithValue("$copy", copy);
            command.ExecuteNonQuery();
        }
        catch (SqliteException cause)
        {
            throw new StorageCopyException($"'{source}' can't be copied: {cause.Message}");
        }
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
