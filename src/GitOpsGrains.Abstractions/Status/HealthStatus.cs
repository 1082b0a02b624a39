namespace GitOpsGrains.Abstractions.Status;

/// <summary>How an object, a target or an application does; a higher value is worse (Argo CD's order).</summary>
[GenerateSerializer, Alias("gog.HealthStatus")]
public enum HealthStatus
{
    Healthy = 0,
    Suspended = 1,
    Progressing = 2,
    Missing = 3,
    Degraded = 4,
    Unknown = 5,
}
