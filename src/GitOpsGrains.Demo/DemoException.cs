namespace GitOpsGrains.Demo;

/// <summary>The demo can't go on, for a cause that its user can mend; the message is a sentence for them.</summary>
public sealed class DemoException(string message, Exception? inner = null) : Exception(message, inner);
