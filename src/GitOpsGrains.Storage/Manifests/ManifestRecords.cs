using System.Text.Json;
using System.Text.Json.Serialization;

namespace GitOpsGrains.Storage.Manifests;

/// <summary>What every stored record of the manifest store has: silos of two versions may share a store during an upgrade.</summary>
internal abstract class ManifestRecordBody
{
    public int Version { get; set; } = 1;

    /// <summary>Members that a newer version wrote, kept when this one writes the record back.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What is said once about a stored blob. Kept under the blob's key; its insertion is what makes a blob exist.</summary>
internal sealed class ManifestIndex : ManifestRecordBody
{
    /// <summary>Tells the chunks of this writing from those of another attempt at the same content.</summary>
    public string Attempt { get; set; } = "";

    public int Chunks { get; set; }

    /// <summary>The stored bytes themselves where they are few; then there are no chunks.</summary>
    public byte[]? Data { get; set; }

    /// <summary>Bytes of all chunks together: compressed and encrypted.</summary>
    public int StoredLength { get; set; }

    /// <summary>SHA-256 of the stored bytes: tells damage from a lost key ring.</summary>
    public string StoredDigest { get; set; } = "";

    /// <summary>Bytes of the content.</summary>
    public int Length { get; set; }

    /// <summary>When the blob was last said to be needed; at most an hour older than the truth.</summary>
    public DateTimeOffset RenewedAt { get; set; }

    /// <summary>A reader found that what is stored is not whole: the next writing of the same content takes its place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Damaged { get; set; }
}

/// <summary>A piece of a stored blob.</summary>
internal sealed class ManifestChunk
{
    public byte[] Data { get; set; } = [];
}

/// <summary>The key of the keyed digest, encrypted with the key ring.</summary>
internal sealed class ManifestDigestKey : ManifestRecordBody
{
    public byte[] Protected { get; set; } = [];
}

/// <summary>Where a partition of the catalog begins and ends.</summary>
internal sealed class CatalogHead : ManifestRecordBody
{
    public int FirstPage { get; set; }

    /// <summary>A page that exists or is about to; pages right after it may exist too.</summary>
    public int LastPage { get; set; }
}

/// <summary>Attempts at storing blobs, in the order they were begun.</summary>
internal sealed class CatalogPage : ManifestRecordBody
{
    public List<CatalogEntry> Entries { get; set; } = [];
}

/// <summary>An attempt at storing a blob, written before its first chunk, so that nothing is ever stored unlisted.</summary>
internal sealed class CatalogEntry : ManifestRecordBody
{
    public string Key { get; set; } = "";

    public string Attempt { get; set; } = "";

    public int Chunks { get; set; }

    public DateTimeOffset BegunAt { get; set; }
}
