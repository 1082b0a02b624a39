using System.ComponentModel.DataAnnotations;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>How the manifest store works on one silo.</summary>
public sealed class ManifestStoreOptions
{
    /// <summary>Bytes in one stored piece, at most. Default and limit: 512 KB.</summary>
    [Range(1024, 512 * 1024)]
    public int ChunkBytes { get; set; } = 512 * 1024;

    /// <summary>Writings, readings and removals of large contents under way at a time, each. Default: 4.</summary>
    [Range(1, 256)]
    public int Parallelism { get; set; } = 4;

    /// <summary>
    /// The same of contents up to <see cref="ManifestStore.MaxSmallBytes"/>, which most sets are: they wait for the storage, and many of
    /// them become durable together. Default: 128.
    /// </summary>
    [Range(1, 1024)]
    public int SmallParallelism { get; set; } = 128;
}
