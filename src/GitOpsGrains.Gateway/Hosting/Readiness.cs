using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>Whether requests should come here: the process is up, not ending, and has silos. It asks nobody.</summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, IServiceProvider services) : IHealthCheck
{
    private readonly ISiloConnection? _silos = services.GetService<ISiloConnection>();

    /// <summary>Null when it is ready.</summary>
    public string? Fault =>
        !lifetime.ApplicationStarted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested ? "starting or stopping"
        : _silos is { IsOpen: false } ? "no silo answers" : null;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Fault is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());

    internal static void Map(WebApplication app)
    {
        app.MapGet("/healthz", () => "ok").AllowAnonymous();
        app.MapGet("/readyz", (Readiness readiness) =>
            readiness.Fault is { } fault ? Results.Text(fault, statusCode: StatusCodes.Status503ServiceUnavailable) : Results.Text("ok")).AllowAnonymous();
    }
}
