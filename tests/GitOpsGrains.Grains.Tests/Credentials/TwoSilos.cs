using System.Net;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Grains.Credentials;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace GitOpsGrains.Grains.Tests.Credentials;

/// <summary>Two silos on loopback ports with what credentials need, and nothing else; each counts the calls that arrive from the other.</summary>
internal sealed class TwoSilos : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    public IReadOnlyList<IHost> Hosts => _hosts;

    /// <summary>Questions for templates that reached the grain.</summary>
    public int Questions => _questions;

    private int _questions;

    public static async Task<TwoSilos> StartAsync(TimeProvider time)
    {
        var silos = new TwoSilos();
        var first = FreePort.Next();
        foreach (var port in new[] { first, FreePort.Next() })
        {
            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Logging.ClearProviders();
            builder.UseOrleans(silo => silo
                .UseLocalhostClustering(port, FreePort.Next(), new IPEndPoint(IPAddress.Loopback, first), "test", "test")
                .AddMemoryGrainStorageAsDefault()
                .AddIncomingGrainCallFilter(context =>
                {
                    if (context.ImplementationMethod.Name == nameof(RepositoryCredentialsGrain.FollowAsync)) Interlocked.Increment(ref silos._questions);
                    return context.Invoke();
                })
                .ConfigureServices(services => services
                    .AddSingleton<TimeProvider>(time)
                    .AddSingleton<ICredentialTemplates>(provider => new CredentialTemplates(provider.GetRequiredService<IGrainFactory>(), time))
                    .AddGitOpsGrainsSerialization()));
            var host = builder.Build();
            silos._hosts.Add(host);
            await host.StartAsync();
        }
        return silos;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}
