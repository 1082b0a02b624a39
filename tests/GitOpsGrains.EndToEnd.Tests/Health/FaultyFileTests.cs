using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Silo.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.EndToEnd.Tests.Health;

/// <summary>An administrator's mistake in the customizations is found at the start, not at the first object.</summary>
public sealed class FaultyFileTests
{
    [Fact]
    public async Task Silo_WithAFaultyCustomizationsFile_DoesNotStart()
    {
        var folder = Directory.CreateTempSubdirectory("gog-faulty-").FullName;
        try
        {
            var file = Path.Combine(folder, "customizations.yaml");
            await File.WriteAllTextAsync(file, "resource.customizations.health.apps_Deployment: return return", TestContext.Current.CancellationToken);
            var settings = new SiloSettings { DataDirectory = Path.Combine(folder, "data"), Listeners = new GatewayListeners { Url = new Uri("http://127.0.0.1:0"), GrpcUrl = null }, HealthCustomizationsFile = file };
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.Logging.ClearProviders();
            builder.AddSilo(settings);
            await using var application = builder.Build();

            Assert.Equal(1, await application.RunSiloAsync(settings));
            Assert.False(File.Exists(Path.Combine(settings.DataDirectory, "admin-token")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
