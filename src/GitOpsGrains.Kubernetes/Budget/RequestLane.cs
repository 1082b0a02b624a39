namespace GitOpsGrains.Kubernetes.Budget;

/// <summary>Who waits for a request.</summary>
internal enum RequestLane
{
    /// <summary>Syncs and people.</summary>
    Normal,

    /// <summary>Drift checks: a tenth of the budget at most.</summary>
    Checks,
}
