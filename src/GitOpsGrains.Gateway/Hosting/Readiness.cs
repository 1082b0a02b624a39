using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>
/// Whether requests should come here: the process is up, not ending, has silos, and what its host says of itself is well. And
/// whether it should be started anew: only where that helps. It asks nobody.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, IServiceProvider services, IEnumerable<IVitalSign> signs) : IHealthCheck
{
    private readonly ISiloConnection? _silos = services.GetService<ISiloConnection>();
    private readonly IVitalSign[] _signs = [.. signs];

    /// <summary>Null when it is ready.</summary>
    public string? Fault =>
        !lifetime.ApplicationStarted.IsCancellationRequested ? "starting"
        : lifetime.ApplicationStopping.IsCancellationRequested ? "stopping"
        : _silos is { IsOpen: false } ? "no silo answers"
        : First(sign => sign.Dead ?? sign.Unready);

    /// <summary>Null when a restart would help nothing.</summary>
    public string? Death => First(sign => sign.Dead);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Fault is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());

    internal static void Map(WebApplication app)
    {
        app.MapGet("/healthz", (Readiness readiness) => Answer(readiness.Death)).AllowAnonymous();
        app.MapGet("/readyz", (Readiness readiness) => Answer(readiness.Fault)).AllowAnonymous();
    }

    private string? First(Func<IVitalSign, string?> fault) => _signs.Select(fault).FirstOrDefault(found => found is not null);

    private static IResult Answer(string? fault) => fault is null ? Results.Text("ok") : Results.Text(fault, statusCode: StatusCodes.Status503ServiceUnavailable);
}
