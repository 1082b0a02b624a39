namespace GitOpsGrains.Rendering.Running;

/// <summary>A tool that can't be found or started, or was killed. The message is for people and names no path of a temporary folder.</summary>
internal sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);
