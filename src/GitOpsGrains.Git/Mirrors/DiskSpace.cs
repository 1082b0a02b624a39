using LibGit2Sharp;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>Whether a failure says that the disk is full, which is nobody's damage and passes. Pure.</summary>
internal static class DiskSpace
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>libgit2 gives the system's error as text alone.</summary>
    private static readonly string[] Texts = ["No space left on device", "Disk quota exceeded"];

    public static bool IsFull(Exception failure) => failure switch
    {
        LibGit2SharpException native => Texts.Any(text => native.Message.Contains(text, StringComparison.OrdinalIgnoreCase)),
        IOException => failure.HResult is NoSpace or QuotaExceeded or WindowsDiskFull,
        _ => false,
    };
}
