using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Silo.Configuration;
using GitOpsGrains.Silo.Demo;

SharedBuffers.KeepMore();
if (StorageCommand.IsAsked(args)) return await StorageCommand.RunUntilSignalAsync(args);
if (!SiloSettings.TryRead(args, out var settings, out var fault))
{
    await Console.Error.WriteLineAsync($"error: {fault}");
    return 2;
}

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.AddDemo(settings);
builder.AddSilo(settings);
await using var app = builder.Build();
app.MapGateway();
return await app.RunSiloAsync(settings);
