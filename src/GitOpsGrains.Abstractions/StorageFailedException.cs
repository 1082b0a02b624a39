namespace GitOpsGrains.Abstractions;

/// <summary>The storage did not take what was to be stored, or did not say so in time. The message is for people and holds no secrets.</summary>
[GenerateSerializer, Alias("gog.StorageFailed")]
public sealed class StorageFailedException(string message, Exception innerException) : OrleansException(message, innerException);
