namespace GitOpsGrains.Storage.Copying;

/// <summary>A copy was refused, or what arrived is not what was sent; the message is one sentence for the person who copies.</summary>
public sealed class StorageCopyException(string message) : Exception(message);
