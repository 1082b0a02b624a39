namespace GitOpsGrains.Storage;

/// <summary>The embedded storage could not do what it was asked; the message names the file and says what a person can do.</summary>
public sealed class EmbeddedStorageException : IOException
{
    public EmbeddedStorageException(EmbeddedStorageFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    public EmbeddedStorageFault Fault { get; }
}
