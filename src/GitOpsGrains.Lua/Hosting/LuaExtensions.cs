using GitOpsGrains.Engine.Health;
using GitOpsGrains.Lua.Customizations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Lua.Hosting;

public static class LuaExtensions
{
    /// <summary>
    /// Adds an administrator's health scripts and actions. The file is read when <see cref="IHealthScripts"/> is asked for
    /// first. Errors then: <see cref="CustomizationsException"/>. Needs logging.
    /// </summary>
    public static IServiceCollection AddLuaCustomizations(this IServiceCollection services, string file)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => LuaCustomizations.Load(
            file, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LuaCustomizations>>()));
        services.AddSingleton<IHealthScripts>(provider => provider.GetRequiredService<LuaCustomizations>());
        services.AddSingleton<IObjectActions>(provider => provider.GetRequiredService<LuaCustomizations>());
        return services;
    }
}
