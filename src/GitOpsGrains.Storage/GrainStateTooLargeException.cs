namespace GitOpsGrains.Storage;

/// <summary>A grain's state is larger than any backend takes; nothing was stored. The activation stays alive.</summary>
public sealed class GrainStateTooLargeException(string stateName, GrainId grainId, long length, long limit)
    : Exception($"the state '{stateName}' of grain '{grainId}' has {length} bytes when written, more than the limit of {limit}")
{
    /// <summary>960 KiB: what an Azure table entity holds, kept for all backends so that data can move between them.</summary>
    public const int DefaultLimit = 960 * 1024;

    public string StateName { get; } = stateName;

    public GrainId GrainId { get; } = grainId;

    /// <summary>Bytes of the serialised state.</summary>
    public long Length { get; } = length;

    /// <summary>Bytes that are allowed.</summary>
    public long Limit { get; } = limit;
}
