namespace GitOpsGrains.Engine.Manifests;

/// <summary>Ends the reading of one document from within its depths; becomes a <see cref="ManifestFault"/>.</summary>
internal sealed class UnreadableDocumentException(string message, Exception? cause) : Exception(message, cause);
