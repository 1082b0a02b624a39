using System.ComponentModel.DataAnnotations;

namespace GitOpsGrains.Rendering.Hosting;

/// <summary>What rendering may use of this process and this machine.</summary>
public sealed class RenderingOptions
{
    /// <summary>Memory for parsed files, so that a commit to one of a thousand files parses one. Default: 64 MB.</summary>
    [Range(0, long.MaxValue)]
    public long ParseCacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Renders that parse at the same time, and tools that run at the same time. Default: one per processor.</summary>
    [Range(1, 1024)]
    public int Parallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>Path of helm. Default: "helm" on the PATH.</summary>
    public string? Helm { get; set; }

    /// <summary>Path of kustomize, or of kubectl (which has kustomize in it). Default: "kustomize" on the PATH, else "kubectl".</summary>
    public string? Kustomize { get; set; }

    /// <summary>Time for one run of a tool. Default: 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that a tool may print. Default: 50 MB.</summary>
    [Range(1, int.MaxValue)]
    public int ToolOutputBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>
    /// Address space of a tool in bytes. The tools' runtime reserves about 0.7 GB that it does not use, and they need 50 MB for
    /// common charts. Default: 2 GB, of which about 0.8 GB can become real memory.
    /// </summary>
    [Range(1024L * 1024 * 1024, long.MaxValue)]
    public long ToolAddressSpace { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Files that one chart or kustomization may consist of. Default: 20,000.</summary>
    [Range(1, int.MaxValue)]
    public int MaxClosureFiles { get; set; } = 20_000;

    /// <summary>Closures that are kept in memory, so that a commit elsewhere costs a look at one tree. Default: 20,000.</summary>
    [Range(0, int.MaxValue)]
    public int CachedClosures { get; set; } = 20_000;
}
