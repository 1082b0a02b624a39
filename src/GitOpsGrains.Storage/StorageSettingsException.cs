namespace GitOpsGrains.Storage;

/// <summary>The storage can't be used as it is set up; the message is one sentence for the person who sets it up, without secrets.</summary>
public sealed class StorageSettingsException(string message, Exception? innerException = null) : Exception(message, innerException);
