using System.ComponentModel.DataAnnotations;

namespace GitOpsGrains.Git.Hosting;

/// <summary>How mirrors are kept and how far a Git server is trusted with this machine's time, memory and disk.</summary>
public sealed class GitOptions
{
    /// <summary>Where the mirrors lie. Everything in it can be made anew from the servers.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    /// <summary>Threads that run native Git code, for fetches and for reads each. Default: 4.</summary>
    [Range(1, 64)]
    public int Threads { get; set; } = 4;

    /// <summary>Jobs that may wait for a thread; more wait at the caller until their time is up. Default: 1024.</summary>
    [Range(1, 100_000)]
    public int QueueLength { get; set; } = 1024;

    /// <summary>Time limit of a call whose repository names none, and of removals. Default: 60 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Default: 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one fetched pack. Default: 2 GB.</summary>
    [Range(1, long.MaxValue)]
    public long MaxPackBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes of one listing of refs (about 60 a ref). Default: 32 MB.</summary>
    [Range(1, int.MaxValue)]
    public int MaxRefBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Entries that one listing of a tree may walk over. Default: 200,000.</summary>
    [Range(1, int.MaxValue)]
    public int MaxTreeEntries { get; set; } = 200_000;

    /// <summary>Packs of one mirror at which they are joined into one. Default: 32.</summary>
    [Range(2, int.MaxValue)]
    public int MaxPacks { get; set; } = 32;

    /// <summary>The OpenSSH client: a full path, or a name that is looked for on the PATH. Default: ssh.</summary>
    public string SshProgram { get; set; } = "ssh";

    /// <summary>Connections by ssh at a time; more wait until their time is up. Default: 16.</summary>
    [Range(1, 1000)]
    public int SshSessions { get; set; } = 16;

    /// <summary>Whether file:// URLs may be read: they reach any repository that this process can. Default: false.</summary>
    public bool AllowFileUrls { get; set; }
}
