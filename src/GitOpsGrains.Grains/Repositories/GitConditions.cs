using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Which condition a Git failure is.</summary>
public static class GitConditions
{
    public static string TypeOf(GitErrorKind kind) => kind switch
    {
        GitErrorKind.Empty => ConditionTypes.RepositoryEmpty,
        GitErrorKind.CommitNotFound => ConditionTypes.RevisionMissing,
        GitErrorKind.Ambiguous => ConditionTypes.RevisionAmbiguous,
        GitErrorKind.PathNotFound or GitErrorKind.PathRefused => ConditionTypes.PathMissing,
        GitErrorKind.NotAllowed => ConditionTypes.NotAllowed,
        GitErrorKind.SecretMissing => ConditionTypes.SecretMissing,
        GitErrorKind.DiskFull => ConditionTypes.DiskFull,
        GitErrorKind.TooLarge => ConditionTypes.RenderFailed,
        _ => ConditionTypes.RepositoryUnreachable,
    };
}
