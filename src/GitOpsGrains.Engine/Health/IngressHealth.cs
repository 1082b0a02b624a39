using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class IngressHealth
{
    public static ObjectHealth Assess(LiveObject live) =>
        live.Root.Field("status", "loadBalancer").Field("ingress").Items().Any()
            ? ObjectHealth.Healthy
            : ObjectHealth.Progressing("Waiting for an address of the load balancer");
}
