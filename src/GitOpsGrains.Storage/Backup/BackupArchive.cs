using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;

namespace GitOpsGrains.Storage.Backup;

/// <summary>
/// One file with a data directory of the embedded kind: a tar archive compressed by gzip, <c>backup.json</c> first. Files and
/// unpacked directories are the owner's alone.
/// </summary>
internal static partial class BackupArchive
{
    private const string DescriptionName = "backup.json";
    private const int MaxDescriptionBytes = 64 * 1024;

    /// <summary>Writes the archive beside its name and renames it when all of it is on the disk.</summary>
    /// <exception cref="StorageCopyException">The file exists, or can't be written.</exception>
    public static async Task WriteAsync(string directory, BackupDescription description, string file, CancellationToken cancellationToken)
    {
        var draft = $"{file}.{Guid.NewGuid():N}.new";
        try
        {
            await PackAsync(directory, description, draft, cancellationToken);
            File.Move(draft, file, overwrite: false);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StorageCopyException($"the archive '{file}' can't be written: {cause.Message}");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Unpacks into a directory that must be empty, and returns what the archive says of itself.</summary>
    /// <exception cref="StorageCopyException">It is no archive of this program, or not whole.</exception>
    public static async Task<BackupDescription> ReadAsync(string file, string directory, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            await using var reader = new TarReader(new GZipStream(stream, CompressionMode.Decompress));
            var description = await DescriptionOfAsync(await reader.GetNextEntryAsync(copyData: false, cancellationToken), cancellationToken)
                ?? throw new StorageCopyException($"'{file}' is no backup of this program");
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                // The archive may come from anywhere: nothing but the files that a backup has, and none twice.
                if (entry.EntryType != TarEntryType.RegularFile || !Known().IsMatch(entry.Name))
                    throw new StorageCopyException($"'{file}' holds '{entry.Name}', which no backup does");
                var path = Path.Combine(directory, entry.Name);
                DataDirectoryLock.CreatePrivateDirectory(Path.GetDirectoryName(path)!);
                await using var unpacked = DataDirectoryLock.CreatePrivateFile(path);
                if (entry.DataStream is { } data) await data.CopyToAsync(unpacked, cancellationToken);
            }
            return description;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new StorageCopyException($"the archive '{file}' can't be read: {cause.Message}");
        }
    }

    private static async Task PackAsync(string directory, BackupDescription description, string draft, CancellationToken cancellationToken)
    {
        await using var stream = DataDirectoryLock.CreatePrivateFile(draft);
        await using (var packed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        await using (var writer = new TarWriter(packed, TarEntryFormat.Pax))
        {
            using var about = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(description, JsonSerializerOptions.Web));
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, DescriptionName) { DataStream = about, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite }, cancellationToken);
            foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                if (Path.GetRelativePath(directory, path).Replace('\\', '/') is var name && Known().IsMatch(name)) await writer.WriteEntryAsync(path, name, cancellationToken);
        }
        stream.Flush(flushToDisk: true);
    }

    private static async Task<BackupDescription?> DescriptionOfAsync(TarEntry? entry, CancellationToken cancellationToken)
    {
        if (entry is not { EntryType: TarEntryType.RegularFile, Name: DescriptionName, DataStream: { } data, Length: <= MaxDescriptionBytes }) return null;
        var description = await JsonSerializer.DeserializeAsync<BackupDescription>(data, JsonSerializerOptions.Web, cancellationToken);
        if (description is not null && description.Format != BackupDescription.CurrentFormat)
            throw new StorageCopyException($"the archive is of format {description.Format}, this program reads format {BackupDescription.CurrentFormat}");
        return description;
    }

    [GeneratedRegex(@"\A(state\.db|manifests\.db|keys/[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.xml)\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Known();
}
