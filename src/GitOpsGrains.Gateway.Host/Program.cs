using GitOpsGrains.Gateway.Host.Configuration;
using GitOpsGrains.Gateway.Hosting;

if (!GatewaySettings.TryRead(args, out var settings, out var fault))
{
    await Console.Error.WriteLineAsync($"error: {fault}");
    return 2;
}

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.AddGatewayHost(settings);
await using var app = builder.Build();
app.MapGateway();
return await app.RunGatewayAsync(settings);
