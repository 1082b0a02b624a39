namespace GitOpsGrains.Demo;

/// <summary>How the demo is played.</summary>
public sealed record DemoOptions
{
    /// <summary>The server's data directory; all of the demo's own lies in its folder <c>demo</c>.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>How often somebody changes a live object by hand. Default: 90 s.</summary>
    public TimeSpan DriftEvery { get; init; } = TimeSpan.FromSeconds(90);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
