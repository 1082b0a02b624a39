using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>A commit that restores what an application reads is wanted.</summary>
[GenerateSerializer, Immutable, Alias("gog.RollbackOrder")]
public sealed record RollbackOrder
{
    /// <summary>project/name.</summary>
    [Id(0)] public string Application { get; init; } = "";
    [Id(1)] public RenderSubject Subject { get; init; } = new();
    /// <summary>Which of the subject's sources in this repository: those with this ref.</summary>
    [Id(2)] public RefQuery Followed { get; init; } = new("");
    /// <summary>Commit, branch or tag whose files come back.</summary>
    [Id(3)] public string To { get; init; } = "";
    /// <summary>A new branch to push to; null: the branch that the source follows.</summary>
    [Id(4)] public string? Branch { get; init; }
    [Id(5)] public bool IncludeShared { get; init; }
    [Id(6)] public bool DryRun { get; init; }
    [Id(7)] public string Reason { get; init; } = "";
    /// <summary>Who asks for it.</summary>
    [Id(8)] public string By { get; init; } = "";
    [Id(9)] public DateTimeOffset At { get; init; }
}

[GenerateSerializer, Immutable, Alias("gog.RollbackAnswer")]
public sealed record RollbackAnswer
{
    /// <summary>Null when there is no commit: then <see cref="Refusal"/> says why.</summary>
    [Id(0)] public RollbackView? Rollback { get; init; }
    [Id(1)] public string Refusal { get; init; } = "";
}
