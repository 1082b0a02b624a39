namespace GitOpsGrains.Storage;

/// <summary>The storage's server was not reached, or refused us; the message names the server and holds no secrets.</summary>
public sealed class StorageUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
