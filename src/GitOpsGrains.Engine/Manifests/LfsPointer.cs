namespace GitOpsGrains.Engine.Manifests;

/// <summary>What Git LFS leaves in a repository in place of a file's content. Pure.</summary>
public static class LfsPointer
{
    /// <summary>What a fault says of one.</summary>
    public const string Reason = "the file is a Git LFS pointer, its content is not in the repository; keep manifests out of LFS";

    /// <summary>The pointers' specification: none is larger, and this is their first line's beginning.</summary>
    private const int MaxBytes = 1024;

    public static bool Is(ReadOnlySpan<byte> content) => content.Length <= MaxBytes && content.StartsWith("version https://git-lfs.github.com/spec/"u8);
}
