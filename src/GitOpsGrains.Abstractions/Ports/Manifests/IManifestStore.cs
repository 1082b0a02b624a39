using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Abstractions.Ports.Manifests;

/// <summary>
/// Keeps manifest sets and tombstones: compressed, encrypted, each stored once under a keyed digest of its content.
/// A stored blob never changes. At most 64 MB a blob.
/// </summary>
public interface IManifestStore
{
    /// <summary>Stores the content unless it is there, and returns the key to read it by. Complete means durable.</summary>
    Task<string> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The content, or null when the key names nothing. A blob that can't be decrypted or fails its digest is an <see cref="InvalidDataException"/>.</summary>
    Task<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Marks a blob as still needed now; false when it is gone or known to be damaged. Blobs unrenewed for 14 days may be removed.</summary>
    Task<bool> RenewAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Removes blobs that were neither written nor renewed since the given time; returns how many. Renewals are recorded
    /// to the hour: a blob may stay up to an hour longer, never shorter. What of them can't be looked at is a <see cref="StorageFailedException"/>, once the others are gone.
    /// </summary>
    Task<int> RemoveUnrenewedAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
