using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Grpc;
using GitOpsGrains.Gateway.Metrics;
using GitOpsGrains.Gateway.Rest;
using GitOpsGrains.Gateway.Webhooks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>The front door of this project: REST, gRPC and webhooks over the grains, for any host that has a grain factory.</summary>
public static class GatewayExtensions
{
    /// <summary>Beside a stream of the largest size: the other fields, and their tags.</summary>
    private const int MessageMargin = 64 * 1024;

    public static void AddGateway(this WebApplicationBuilder builder, GatewayListeners listeners, AdminPolicy policy, WebhookOptions webhooks)
    {
        listeners.Configure(builder);
        builder.WebHost.ConfigureKestrel(Connections.Configure);
        var services = builder.Services;
        services.AddWebhooks(webhooks);
        services.AddSingleton(policy);
        services.AddSingleton<FleetFacade>();
        services.AddSingleton<CredentialFacade>();
        services.AddSingleton<SiloFacade>();
        services.AddSingleton<TargetFacade>();
        services.AddSingleton<DocumentIntake>();
        services.AddSingleton<FleetWatch>();
        services.AddSingleton<TokenVerdicts>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<MeterExport>();
        services.AddHostedService<ReadyInstrument>();
        services.AddSingleton(listeners);
        services.AddSingleton<Connections>();
        services.AddSingleton<Clients>();
        services.AddSingleton<Admission>();
        services.AddHostedService<Drain>();
        services.AddAuthentication(TokenAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthenticationHandler>(TokenAuthenticationHandler.SchemeName, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(Rights.Admin, policy => policy.RequireRole("admin"))
            .AddPolicy(Rights.ReadLogs, policy => policy.RequireRole("admin"));
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, DocumentJson.Rest.TypeInfoResolver!);
            options.SerializerOptions.MaxDepth = DocumentJson.Rest.MaxDepth;
        });
        ApiDescription.Add(services);
        services.AddFleetGrpc();
    }

    private static void AddWebhooks(this IServiceCollection services, WebhookOptions webhooks)
    {
        services.AddSingleton(webhooks);
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<RepositorySecrets>();
        services.AddSingleton<WebhookBodies>();
        services.AddSingleton<Deliveries>();
        services.AddSingleton<WebhookEndpoint>();
        services.AddRateLimiter(limiter => WebhookLimits.Configure(limiter, webhooks));
    }

    private static void AddFleetGrpc(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            // Their endpoint would match every path of two parts, and take from REST what it says of methods that are not there.
            grpc.IgnoreUnknownServices = true;
            grpc.MaxReceiveMessageSize = DocumentIntake.MaxBytes + MessageMargin;
            grpc.Interceptors.Add<RefusalInterceptor>();
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<Readiness>("ready");
    }

    public static void MapGateway(this WebApplication app)
    {
        MetricsEndpoint.Map(app);
        app.Use(ApiInstruments.MeasureAsync);
        app.UseStatusCodePages(WriteProblemAsync);
        app.Use(RefusalMiddleware.InvokeAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        Readiness.Map(app);
        WebhookEndpoint.Map(app);
        ApiDescription.Map(app);
        var api = app.MapGroup("/api/v1").RequireAuthorization(Rights.Admin);
        ApplyEndpoint.Map(api);
        ThingEndpoints.Map(api);
        CredentialEndpoints.Map(api);
        ApplicationEndpoints.Map(api);
        TargetEndpoints.Map(api);
        WatchEndpoint.Map(api);
        SiloEndpoint.Map(api);
        app.MapGrpcService<FleetService>().RequireAuthorization(Rights.Admin);
        app.MapGrpcHealthChecksService().AllowAnonymous();
        app.MapGrpcReflectionService().AllowAnonymous();
    }

    private static Task WriteProblemAsync(Microsoft.AspNetCore.Diagnostics.StatusCodeContext context) => Problems.Of(
        context.HttpContext.Response.StatusCode,
        Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(context.HttpContext.Response.StatusCode),
        context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized => "a token is needed: Authorization: Bearer TOKEN; the administrator's first token is in DATA/admin-token",
            StatusCodes.Status403Forbidden => "this token may not do that",
            StatusCodes.Status404NotFound => "there is nothing at this address",
            _ => "the request can't be answered",
        }).ExecuteAsync(context.HttpContext);
}
