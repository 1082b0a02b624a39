using System.Net;
using System.Net.Sockets;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Tests.Silo;

/// <summary>A real silo on the embedded storage, stopped and started again.</summary>
public sealed class SiloRestartTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Restart_StateReminderAndManifestsSurvive()
    {
        string key;
        int ticks;
        using (var silo = await StartAsync())
        {
            var grain = GrainOf(silo);
            await grain.RememberAsync("kept", TestContext.Current.CancellationToken);
            key = await silo.Services.GetRequiredService<IManifestStore>().PutAsync("kind: Namespace"u8.ToArray(), default);
            ticks = await WaitForTickAsync(grain, 0);
            await silo.StopAsync();
        }

        Assert.Equal(
            ["keys", "lock", "lock.owner", "manifests.db", "state.db"],
            Directory.GetFileSystemEntries(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        using (var silo = await StartAsync())
        {
            var grain = GrainOf(silo);
            Assert.Equal("kept", await grain.RecallAsync(TestContext.Current.CancellationToken));
            Assert.True(await grain.HasReminderAsync(TestContext.Current.CancellationToken));
            Assert.True(await WaitForTickAsync(grain, ticks) > ticks);
            var content = await silo.Services.GetRequiredService<IManifestStore>().GetAsync(key, default);
            Assert.Equal("kind: Namespace"u8.ToArray(), content!.Value.ToArray());
            await silo.StopAsync();
        }
    }

    [Fact]
    public async Task Start_SecondSiloOnTheDirectory_FailsNamingTheHolder()
    {
        using var first = await StartAsync();
        var error = await Assert.ThrowsAsync<DataDirectoryInUseException>(async () => (await StartAsync()).Dispose());
        Assert.Equal(Environment.ProcessId, error.ProcessId);
        await first.StopAsync();
    }

    private static ISurvivorGrain GrainOf(IHost silo) =>
        silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ISurvivorGrain>("team/app");

    private static Task<int> WaitForTickAsync(ISurvivorGrain grain, int after) =>
        Eventually.GetAsync(() => grain.CountTicksAsync(TestContext.Current.CancellationToken), ticks => ticks > after, "a tick", Deadline);

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort, gatewayPort, serviceId: "survivor/service")
            .UseEmbeddedStorage(options => options.DataDirectory = _directory.Path)
            .Configure<Orleans.Hosting.ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(500)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
