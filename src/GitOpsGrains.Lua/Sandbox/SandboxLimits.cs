namespace GitOpsGrains.Lua.Sandbox;

/// <summary>What one run of a script may use.</summary>
internal sealed record SandboxLimits
{
    /// <summary>Instructions of the interpreter, about 20 ms of them. Default: 2 million.</summary>
    public long Instructions { get; init; } = 2_000_000;

    /// <summary>Default: 1 s, as in Argo CD.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that are in use at once, beyond those of the object itself. Default: 16 MiB.</summary>
    public long Memory { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes asked for over the whole run, given back or not: copying them takes time too. Default: 256 MiB.</summary>
    public long Allocated { get; init; } = 256L * 1024 * 1024;
}

/// <summary>Why a script was ended.</summary>
internal enum SandboxStop
{
    None,
    Instructions,
    Time,
    Memory,
}
