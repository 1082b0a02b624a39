namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>For services of Orleans that are taken out of the container and stood behind one of ours.</summary>
internal static class Registrations
{
    public static T Create<T>(this ServiceDescriptor service, IServiceProvider provider) where T : class => (T)(
        service.ImplementationFactory?.Invoke(provider) ?? service.ImplementationInstance ?? ActivatorUtilities.CreateInstance(provider, service.ImplementationType!));
}
