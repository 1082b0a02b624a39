using Orleans.Storage;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>Refuses states above <see cref="GrainStateTooLargeException.DefaultLimit"/> bytes before anything is sent.</summary>
internal sealed class BoundedSerializer(IGrainStorageSerializer inner) : IGrainStorageSerializer
{
    private static readonly AsyncLocal<WrittenSize?> Current = new();

    /// <summary>Tells the caller of a write what was refused in it: providers wrap the exception, one of them without its cause.</summary>
    public static WrittenSize Watch() => Current.Value = new WrittenSize();

    public BinaryData Serialize<T>(T? input)
    {
        var data = inner.Serialize(input);
        var length = data.ToMemory().Length;
        if (length <= GrainStateTooLargeException.DefaultLimit) return data;
        if (Current.Value is { } size) size.Refused = length;
        throw new InvalidOperationException($"the state has {length} bytes when written, more than the limit of {GrainStateTooLargeException.DefaultLimit}");
    }

    public T? Deserialize<T>(BinaryData input) => inner.Deserialize<T>(input);

    internal sealed class WrittenSize
    {
        /// <summary>Bytes of the state that was refused; null when none was.</summary>
        public int? Refused { get; set; }
    }
}
