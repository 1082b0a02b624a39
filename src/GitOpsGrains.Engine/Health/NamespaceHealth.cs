using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class NamespaceHealth
{
    public static ObjectHealth Assess(LiveObject live) =>
        live.Root.Field("status", "phase").Text() == "Terminating" ? ObjectHealth.PendingDeletion : ObjectHealth.Healthy;
}
