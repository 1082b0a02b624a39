using Microsoft.AspNetCore.DataProtection;
using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Git.Hosting;
using GitOpsGrains.Grains.Credentials;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Kubernetes.Hosting;
using GitOpsGrains.Lua.Hosting;
using GitOpsGrains.Rendering.Hosting;
using GitOpsGrains.Storage.Hosting;
using Orleans.Configuration;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>Composes the silo: storage, adapters, grains, gateway.</summary>
public static class SiloComposition
{
    private const string ServiceId = "gitopsgrains";

    public static void AddSilo(this WebApplicationBuilder builder, SiloSettings settings)
    {
        builder.Configuration.AddEnvironmentVariables("GITOPSGRAINS__");
        builder.WebHost.UseUrls(settings.Url.ToString());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.AddDataProtection().SetApplicationName(ServiceId);
        builder.Services.AddGitMirrors(git =>
        {
            git.DataDirectory = Path.Combine(settings.DataDirectory, "mirrors");
            git.AllowFileUrls = true;
        });
        builder.Services.AddRendering(builder.Configuration.GetSection("Rendering").Bind);
        builder.Services.AddKubernetesClusters(kubernetes => kubernetes.AllowedExecCommands.UnionWith(settings.AllowedExecCommands));
        if (settings.HealthCustomizationsFile is { } customizations) builder.Services.AddLuaCustomizations(customizations);
        builder.Services.AddGateway(settings.IsLoopback ? AdminPolicy.Local : new AdminPolicy { IsAdmin = true, Directories = settings.SecretDirectories }, settings.Webhooks);
        builder.Services.Configure<SecretOptions>(secrets =>
        {
            secrets.AnyDirectory = settings.IsLoopback;
            foreach (var directory in settings.SecretDirectories) secrets.Directories.Add(directory);
        });
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, AdminToken>();
        builder.Host.UseOrleans(silo => Compose(silo, settings));
    }

    private static void Compose(ISiloBuilder silo, SiloSettings settings)
    {
        // The only silo of its cluster: nobody needs to know its ports beforehand, and several installations fit on one machine.
        silo.UseLocalhostClustering(FreePort(), FreePort(), serviceId: ServiceId, clusterId: ServiceId);
        silo.Configure<EndpointOptions>(endpoints => endpoints.AdvertisedIPAddress = IPAddress.Loopback);
        silo.UseEmbeddedStorage(storage => storage.DataDirectory = settings.DataDirectory);
        silo.AddGitOpsGrains(options =>
        {
            options.Installation = settings.Installation;
            options.GitRequestsPerSecond = settings.GitRequestsPerSecond;
            options.GitRequestBurst = settings.GitRequestBurst;
            foreach (var annotation in settings.MaskedAnnotations) options.MaskedAnnotations.Add(annotation);
            (options.Committer.Name, options.Committer.Email) = (settings.CommitterName ?? options.Committer.Name, settings.CommitterEmail ?? options.Committer.Email);
        });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
