namespace GitOpsGrains.Storage.Hosting;

/// <summary>Why nothing can be written.</summary>
/// <param name="NeedsRestart">It does not go away by itself.</param>
public sealed record StorageFault(string Sentence, bool NeedsRestart);
