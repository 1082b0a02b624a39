namespace GitOpsGrains.Rendering.Running;

/// <summary>One run of a tool.</summary>
/// <param name="Tool">What people call it.</param>
/// <param name="Program">Path of the executable.</param>
/// <param name="Folder">Where it runs; also the home of all that it may write.</param>
/// <param name="Environment">All of its environment.</param>
/// <param name="Network">Whether it may use the network.</param>
internal sealed record ToolRun(
    string Tool, string Program, IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment, bool Network);

/// <summary>What a tool printed before it ended by itself; the errors are cut.</summary>
internal sealed record ToolResult(int ExitCode, byte[] Output, string Errors);
