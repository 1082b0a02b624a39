using Microsoft.AspNetCore.DataProtection;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Abstractions.Silos;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Lua.Hosting;
using GitOpsGrains.Rendering.Hosting;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Tls;
using Orleans.Configuration;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>Composes the silo: storage, adapters, grains, gateway.</summary>
public static class SiloComposition
{
    private const string KeyRingName = "gitopsgrains";

    /// <summary>Twice what a sync may take to its next safe point.</summary>
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(30);

    public static void AddSilo(this WebApplicationBuilder builder, SiloSettings settings)
    {
        builder.Configuration.AddEnvironmentVariables("GITOPSGRAINS__");
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = ShutdownTime + settings.Listeners.Drain);
        builder.Services.AddDataProtection().SetApplicationName(KeyRingName);
        builder.Services.AddGitMirrors(git =>
        {
            git.DataDirectory = Path.Combine(settings.DataDirectory, "mirrors");
            git.AllowFileUrls = true;
        });
        builder.Services.AddRendering(builder.Configuration.GetSection("Rendering").Bind);
        builder.Services.AddKubernetesClusters(kubernetes => kubernetes.AllowedExecCommands.UnionWith(settings.AllowedExecCommands));
        if (settings.HealthCustomizationsFile is { } customizations) builder.Services.AddLuaCustomizations(customizations);
        builder.AddGateway(settings.Listeners, settings.IsLocal ? AdminPolicy.Local : new AdminPolicy { IsAdmin = true, Directories = settings.SecretDirectories }, settings.Webhooks);
        builder.Services.Configure<SecretOptions>(secrets =>
        {
            secrets.AnyDirectory = settings.IsLocal;
            foreach (var directory in settings.SecretDirectories) secrets.Directories.Add(directory);
        });
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<IVitalSign, SiloVitals>();
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, AdminToken>();
        builder.Services.AddHostedService<IdleMemory>();
        builder.Host.UseOrleans(silo => Compose(silo, settings));
    }

    private static void Compose(ISiloBuilder silo, SiloSettings settings)
    {
        Cluster(silo, settings);
        silo.UseStorage(settings.Storage.Choice with { DataDirectory = settings.DataDirectory });
        silo.AddGitOpsGrains(options =>
        {
            options.Installation = settings.Installation;
            options.GitRequestsPerSecond = settings.GitRequestsPerSecond;
            options.GitRequestBurst = settings.GitRequestBurst;
            foreach (var annotation in settings.MaskedAnnotations) options.MaskedAnnotations.Add(annotation);
            (options.Committer.Name, options.Committer.Email) = (settings.CommitterName ?? options.Committer.Name, settings.CommitterEmail ?? options.Committer.Email);
        });
    }

    private static void Cluster(ISiloBuilder silo, SiloSettings settings)
    {
        var (storage, endpoints) = (settings.Storage, settings.Endpoints);
        var (port, gateway) = (PortOr(endpoints.SiloPort), PortOr(endpoints.GatewayPort));
        silo.Configure<SiloOptions>(options => options.SiloName = endpoints.Name ?? $"{Environment.MachineName}-{port}");
        if (endpoints.Tls is { } tls) silo.UsePeerTls(tls);
        if (storage.IsEmbedded)
        {
            // The only silo of its cluster: nobody needs to know its ports beforehand, and several installations fit on one machine.
            silo.UseLocalhostClustering(port, gateway, serviceId: storage.ServiceId, clusterId: storage.ClusterId);
            silo.Configure<EndpointOptions>(options => options.AdvertisedIPAddress = endpoints.Address);
            return;
        }

        silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (storage.ServiceId, storage.ClusterId));
        silo.ConfigureEndpoints(endpoints.Address, port, gateway);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DataDirectoryHold>();
    }

    private static int PortOr(int wanted)
    {
        if (wanted != 0) return wanted;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
