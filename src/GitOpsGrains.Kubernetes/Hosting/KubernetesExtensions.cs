using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Kubernetes.Hosting;

public static class KubernetesExtensions
{
    /// <summary>Adds the <see cref="IClusterConnector"/> that speaks to real clusters. Needs logging; takes the system's clock unless there is one.</summary>
    public static IServiceCollection AddKubernetesClusters(this IServiceCollection services, Action<KubernetesOptions>? configure = null)
    {
        KubernetesInstruments.Publish();
        var options = services.AddOptions<KubernetesOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubernetesOptions>, KubernetesOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IClusterConnector, ClusterConnector>();
        return services;
    }
}
