using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Silo.Configuration;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.EndToEnd.Tests.InProcess;

/// <summary>
/// The whole product in this process, composed as the silo's own program composes it: embedded storage on a folder of its
/// own, real Git and Kubernetes adapters, REST on a free loopback port. Nothing is replaced by a fake.
/// </summary>
public sealed class InProcessHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _folder;

    private InProcessHost(WebApplication application, string folder, Uri grpcUrl)
    {
        (_application, _folder, GrpcUrl) = (application, folder, grpcUrl);
        Token = File.ReadAllText(Path.Combine(folder, "data", "admin-token")).Trim();
        var address = application.Urls.Select(static url => new Uri(url)).Single(url => url.Port != grpcUrl.Port);
        Url = new Uri($"http://127.0.0.1:{address.Port}");
        Rest = new FleetRest(Url, Token);
    }

    /// <summary>Where REST answers.</summary>
    public Uri Url { get; }

    /// <summary>Where gRPC answers.</summary>
    public Uri GrpcUrl { get; }

    /// <summary>Where everything that is stored lies.</summary>
    public string DataDirectory => Path.Combine(_folder, "data");

    /// <summary>The administrator's token.</summary>
    public string Token { get; }

    /// <summary>Acts as the administrator.</summary>
    public FleetRest Rest { get; }

    /// <summary>What it is composed of.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>For what no face can bring about: news of an activation that is no more.</summary>
    public IGrainFactory Grains => _application.Services.GetRequiredService<IGrainFactory>();

    /// <param name="change">What differs from the settings of a fresh start: for example an address that is not loopback.</param>
    /// <param name="time">Another clock than the system's.</param>
    /// <param name="log">Is told every line that is logged, of any level.</param>
    /// <param name="writes">Counts the records that are written.</param>
    /// <param name="calls">Sees all calls of grains, and may fail them.</param>
    public static async Task<InProcessHost> StartAsync(
        Func<SiloSettings, SiloSettings>? change = null, TimeProvider? time = null, ILoggerProvider? log = null, RecordWrites? writes = null,
        IIncomingGrainCallFilter? calls = null)
    {
        var folder = Directory.CreateTempSubdirectory("gog-host-").FullName;
        var grpcUrl = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var settings = new SiloSettings { DataDirectory = Path.Combine(folder, "data"), Listeners = new GatewayListeners { Url = new Uri("http://127.0.0.1:0"), GrpcUrl = grpcUrl } };
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        if (log is not null) builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.AddSilo(change is null ? settings : change(settings));
        if (time is not null) builder.Services.Replace(ServiceDescriptor.Singleton(time));
        writes?.Watch(builder.Services);
        if (calls is not null) builder.Services.AddSingleton(calls);
        var application = builder.Build();
        application.MapGateway();
        await application.StartAsync();
        return new InProcessHost(application, folder, grpcUrl);
    }

    public async ValueTask DisposeAsync()
    {
        Rest.Dispose();
        await _application.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
