using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Kubernetes.Connections;

internal sealed partial class ClusterConnector
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "Cluster {Cluster}: {Warning}")]
    private static partial void LogWarning(ILogger logger, string cluster, string warning);
}
