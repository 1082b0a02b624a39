namespace GitOpsGrains.Lua.Customizations;

/// <summary>The file of customizations can't be used. The message is one sentence for the administrator, with the file's name.</summary>
public sealed class CustomizationsException(string message) : Exception(message);
