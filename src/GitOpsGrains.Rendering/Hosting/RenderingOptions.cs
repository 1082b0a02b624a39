using System.ComponentModel.DataAnnotations;

namespace GitOpsGrains.Rendering.Hosting;

/// <summary>What rendering may use of this process.</summary>
public sealed class RenderingOptions
{
    /// <summary>Memory for parsed files, so that a commit to one of a thousand files parses one. Default: 64 MB.</summary>
    [Range(0, long.MaxValue)]
    public long ParseCacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Renders that parse at the same time. Default: one per processor.</summary>
    [Range(1, 1024)]
    public int Parallelism { get; set; } = Environment.ProcessorCount;
}
