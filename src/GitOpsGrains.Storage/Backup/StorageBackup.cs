using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Storage.Backup;

/// <summary>
/// All state of an installation in one archive, and back into a storage of any kind. An archive is a data directory of the
/// embedded kind, so that there is one way to move records: <see cref="StorageCopy"/>.
/// </summary>
public static class StorageBackup
{
    /// <summary>
    /// Takes a backup; silos may run meanwhile. Each record is then as it was at some moment of the backup, and what grains
    /// have done since is found again by looking at Git and the clusters.
    /// </summary>
    /// <param name="file">Must not exist; written as the owner's alone.</param>
    /// <param name="withKeys">Whether the key ring goes with it: whoever has both reads the stored secrets.</param>
    /// <exception cref="StorageCopyException">Nothing is written then.</exception>
    public static async Task<BackupDescription> TakeAsync(
        StorageChoice from, string file, bool withKeys, StorageIdentity identity, RecordList list, TimeProvider time, CancellationToken cancellationToken)
    {
        if (File.Exists(file)) throw new StorageCopyException($"'{file}' exists already; a backup overwrites nothing");
        var takenAt = time.GetUtcNow();
        var parts = PartsBeside(file);
        try
        {
            var unpacked = new StorageChoice { Kind = StorageKind.Embedded, DataDirectory = parts };
            if (from.Kind == StorageKind.Embedded) await EmbeddedSnapshot.TakeAsync(from.DataDirectory, parts, cancellationToken);
            else
            {
                await using var copy = await StorageCopy.OpenAsync(from, unpacked, identity, list, time, cancellationToken);
                await copy.RunAsync(isLive: true, cancellationToken);
            }
            var found = await StorageCopy.DescribeAsync(unpacked, identity, list, cancellationToken);
            if (found.Records == 0) throw new StorageCopyException($"the storage holds no data of the service '{identity.ServiceId}'");
            if (!withKeys && Directory.Exists(Path.Combine(parts, "keys"))) Directory.Delete(Path.Combine(parts, "keys"), recursive: true);
            var description = new BackupDescription
            {
                ServiceId = identity.ServiceId, TakenAt = takenAt, States = found.Records, ManifestRecords = found.ManifestRecords, Reminders = found.Reminders,
                Bytes = found.Bytes, Digest = found.Digest, HasKeys = withKeys,
            };
            await BackupArchive.WriteAsync(parts, description, file, cancellationToken);
            return description;
        }
        finally
        {
            Directory.Delete(parts, recursive: true);
        }
    }

    /// <summary>Restores into a storage without data, and compares what arrived. No silo may run on it.</summary>
    /// <param name="list">What is restored; the archive as a whole is compared with what it says of itself by <paramref name="all"/>.</param>
    /// <param name="check">Whether what is in the archive may be restored here; asked before anything is written.</param>
    /// <exception cref="StorageCopyException">The archive is damaged or of another service, the check finds a fault, the storage has data, or the keys are others.</exception>
    public static async Task<CopyResult> RestoreAsync(
        string file, StorageChoice to, StorageIdentity identity, RecordList list, RecordList all, RecordCheck check, TimeProvider time, CancellationToken cancellationToken)
    {
        var parts = PartsBeside(file);
        try
        {
            var unpacked = new StorageChoice { Kind = StorageKind.Embedded, DataDirectory = parts };
            var description = await BackupArchive.ReadAsync(file, parts, cancellationToken);
            if (description.ServiceId != identity.ServiceId)
                throw new StorageCopyException($"the backup is of the service '{description.ServiceId}', this one is '{identity.ServiceId}' (Cluster:ServiceId)");
            var found = await StorageCopy.DescribeAsync(unpacked, identity, all, cancellationToken);
            if (found.Digest != description.Digest)
                throw new StorageCopyException($"the archive is damaged: it holds {found.Records} states, {found.ManifestRecords} records of manifest sets and {found.Reminders} reminders, and says {description.States}, {description.ManifestRecords} and {description.Reminders}, or others than these");
            await StorageCopy.RequireAsync(unpacked, identity, check, cancellationToken);
            await using var copy = await StorageCopy.OpenAsync(unpacked, to, identity, list, time, cancellationToken);
            return await copy.RunAsync(isLive: false, cancellationToken);
        }
        finally
        {
            Directory.Delete(parts, recursive: true);
        }
    }

    /// <summary>On the disk of the archive, so that what is unpacked has room where the archive has.</summary>
    private static string PartsBeside(string file)
    {
        var parts = $"{Path.GetFullPath(file)}.{Guid.NewGuid():N}.parts";
        try
        {
            DataDirectoryLock.CreatePrivateDirectory(parts);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StorageCopyException($"no directory can be made beside '{file}': {cause.Message}");
        }
        return parts;
    }
}
