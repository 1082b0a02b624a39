using Orleans.Storage;

namespace GitOpsGrains.Storage.Copying;

/// <summary>A record as its bytes.</summary>
internal sealed class RawRecord
{
    public byte[] Data { get; set; } = [];
}

/// <summary>Passes raw records through, and reads and writes everything else as the inner serializer does.</summary>
internal sealed class RawRecordSerializer(IGrainStorageSerializer inner) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => input is RawRecord raw ? BinaryData.FromBytes(raw.Data) : inner.Serialize(input);

    public T? Deserialize<T>(BinaryData input) =>
        typeof(T) == typeof(RawRecord) ? (T)(object)new RawRecord { Data = input.ToArray() } : inner.Deserialize<T>(input);
}
