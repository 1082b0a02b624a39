using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What one write did. <see cref="Live"/> is the object after it; null when nothing was written.</summary>
public sealed record WriteOutcome(ApplyAction Action, LiveObject? Live, string? Message)
{
    /// <summary>The object carries a revision that this target has not heard of: nothing was written, Git must be asked.</summary>
    public static WriteOutcome Superseded { get; } =
        new(ApplyAction.Skipped, null, "another process has applied a revision that is newer than the one desired here") { IsSuperseded = true };

    public bool IsSuperseded { get; private init; }

    /// <summary>The paths that the manifest dropped and another manager keeps alive.</summary>
    public IReadOnlyList<ForeignField> Kept { get; init; } = [];

    /// <summary>The refusal, as far as the caller acts on it.</summary>
    public ClusterError? Error { get; init; }

    /// <summary>Nothing was written, on purpose.</summary>
    public static WriteOutcome Skipped(string reason) => new(ApplyAction.Skipped, null, reason);

    public static WriteOutcome Failed(string message, ClusterError? error = null) => new(ApplyAction.Failed, null, message) { Error = error };
}
