namespace GitOpsGrains.Tls;

/// <summary>The files can't be used; the message begins with the setting and never holds what is in them.</summary>
internal sealed class PeerFilesException(string message) : Exception(message);
