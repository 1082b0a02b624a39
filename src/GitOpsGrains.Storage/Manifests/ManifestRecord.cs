namespace GitOpsGrains.Storage.Manifests;

/// <summary>A record of the manifest store with its etag, as a storage provider reads and writes it.</summary>
internal sealed class ManifestRecord<T> : IGrainState<T> where T : class, new()
{
    public T Value { get; set; } = new();

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }

    T? IGrainState<T>.State
    {
        get => Value;
        set => Value = value ?? new T();
    }
}
