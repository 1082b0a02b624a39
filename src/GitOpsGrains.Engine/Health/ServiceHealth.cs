using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Health;

internal static class ServiceHealth
{
    public static ObjectHealth Assess(LiveObject live) =>
        live.Root.Field("spec", "type").Text() == "LoadBalancer" && !live.Root.Field("status", "loadBalancer").Field("ingress").Items().Any()
            ? ObjectHealth.Progressing("Waiting for an address of the load balancer")
            : ObjectHealth.Healthy;
}
