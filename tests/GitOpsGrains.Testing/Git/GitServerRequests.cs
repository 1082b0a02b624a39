namespace GitOpsGrains.Testing.Git;

/// <summary>What a <see cref="GitServer"/> was asked so far; subtract two to see what came between.</summary>
public sealed record GitServerRequests(int InfoRefs, int LsRefs, int Fetch)
{
    public int Total => InfoRefs + LsRefs + Fetch;

    public static GitServerRequests operator +(GitServerRequests left, GitServerRequests right) =>
        new(left.InfoRefs + right.InfoRefs, left.LsRefs + right.LsRefs, left.Fetch + right.Fetch);

    public static GitServerRequests operator -(GitServerRequests left, GitServerRequests right) =>
        new(left.InfoRefs - right.InfoRefs, left.LsRefs - right.LsRefs, left.Fetch - right.Fetch);
}
