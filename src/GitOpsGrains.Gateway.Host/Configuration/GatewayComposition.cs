using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Host.Clustering;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Tls;
using Orleans.Configuration;

namespace GitOpsGrains.Gateway.Host.Configuration;

/// <summary>Composes the gateway: a client of the silos, and the faces.</summary>
public static class GatewayComposition
{
    /// <summary>Of calls that say nothing else: what answers at all answers within a second or two.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectionTime = TimeSpan.FromSeconds(2);

    public static void AddGatewayHost(this WebApplicationBuilder builder, GatewaySettings settings)
    {
        builder.Configuration.AddEnvironmentVariables("GITOPSGRAINS__");
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = CallTime + settings.Listeners.Drain);
        builder.Services.AddSingleton(TimeProvider.System);
        var isLocal = settings.Listeners.IsLoopback;
        builder.AddGateway(settings.Listeners, isLocal ? AdminPolicy.Local : new AdminPolicy { IsAdmin = true, Directories = settings.SecretDirectories }, settings.Webhooks);
        builder.Services.Configure<SecretOptions>(secrets =>
        {
            secrets.AnyDirectory = isLocal;
            foreach (var directory in settings.SecretDirectories) secrets.Directories.Add(directory);
        });
        builder.Services.AddGitOpsGrainsSerialization();
        builder.Services.AddSingleton<SiloLink>();
        builder.Services.AddSingleton<ISiloConnection>(provider => provider.GetRequiredService<SiloLink>());
        builder.Services.AddInBackground(_ => builder.UseOrleansClient(client => Compose(client, settings)));
        builder.Services.AddSingleton<SilentSilos>();
        builder.Services.AddHostedService<SiloPulse>();
        builder.Services.AddHostedService<SilosInstrument>();
    }

    private static void Compose(IClientBuilder client, GatewaySettings settings)
    {
        settings.Clustering.Use(client);
        if (settings.Tls is { } tls) client.UsePeerTls(tls);
        client.UseConnectionRetryFilter<ConnectionRetries>();
        client.Services.AddSingleton<IClusterConnectionStatusObserver>(provider => provider.GetRequiredService<SiloLink>());
        client.AddOutgoingGrainCallFilter<SiloCalls>();
        client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = CallTime);
        client.Configure<ConnectionOptions>(connections => connections.OpenConnectionTimeout = ConnectionTime);
    }
}
