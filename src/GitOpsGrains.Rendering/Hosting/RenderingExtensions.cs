using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Closures;
using GitOpsGrains.Rendering.Directory;
using GitOpsGrains.Rendering.Helm;
using GitOpsGrains.Rendering.Kustomize;
using GitOpsGrains.Rendering.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GitOpsGrains.Rendering.Hosting;

public static class RenderingExtensions
{
    /// <summary>Adds <see cref="IRenderer"/>; needs <c>IGitMirrors</c>, <c>ISecretReader</c> and <c>ICredentialTemplates</c>.</summary>
    public static IServiceCollection AddRendering(this IServiceCollection services, Action<RenderingOptions>? configure = null)
    {
        RenderingInstruments.Publish();
        services.AddOptions<RenderingOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ParseCache>();
        services.AddSingleton<DirectoryRenderer>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ToolRenders>();
        services.AddSingleton<ToolRunner>();
        services.AddSingleton<ToolLocator>();
        services.AddSingleton<ClosureCache>();
        services.AddSingleton<ClosureExport>();
        services.AddSingleton<ChartAccessReader>();
        services.AddSingleton<ChartFetch>();
        services.AddSingleton<HelmRenderer>();
        services.AddSingleton<KustomizeRenderer>();
        services.AddSingleton<IRenderer, SourceRenderer>();
        return services;
    }
}
