using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Engine.Health;

/// <param name="Message">For people; "" if the status says it all.</param>
public sealed record ObjectHealth(HealthStatus Status, string Message)
{
    public static ObjectHealth Healthy { get; } = new(HealthStatus.Healthy, "");
    public static ObjectHealth PendingDeletion { get; } = new(HealthStatus.Progressing, "Pending deletion");

    internal static ObjectHealth Progressing(string message) => new(HealthStatus.Progressing, message);
    internal static ObjectHealth Degraded(string message) => new(HealthStatus.Degraded, message);
    internal static ObjectHealth Unknown(string message) => new(HealthStatus.Unknown, message);
    internal static ObjectHealth Suspended(string message) => new(HealthStatus.Suspended, message);
}
