using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Rendering.Directory;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Rendering.Hosting;

public static class RenderingExtensions
{
    /// <summary>Adds <see cref="IRenderer"/>; needs <c>IGitMirrors</c>.</summary>
    public static IServiceCollection AddRendering(this IServiceCollection services, Action<RenderingOptions>? configure = null)
    {
        services.AddOptions<RenderingOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ParseCache>();
        services.AddSingleton<IRenderer, DirectoryRenderer>();
        return services;
    }
}
