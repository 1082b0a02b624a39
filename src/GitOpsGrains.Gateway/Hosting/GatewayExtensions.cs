using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Validation;
using GitOpsGrains.Gateway.Auth;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.Gateway.Rest;
using GitOpsGrains.Gateway.Webhooks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GitOpsGrains.Gateway.Hosting;

/// <summary>The front door of this project: REST and webhooks over the grains, for any host that has a grain factory and an ISecretReader.</summary>
public static class GatewayExtensions
{
    private const string AdminPolicyName = "admin";

    public static IServiceCollection AddGateway(this IServiceCollection services, AdminPolicy policy, WebhookOptions webhooks)
    {
        services.AddSingleton(webhooks);
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<RepositorySecrets>();
        services.AddSingleton<WebhookBodies>();
        services.AddSingleton<Deliveries>();
        services.AddSingleton<WebhookEndpoint>();
        services.AddRateLimiter(limiter => WebhookLimits.Configure(limiter, webhooks));
        services.AddSingleton(policy);
        services.AddSingleton<FleetFacade>();
        services.AddSingleton<CredentialFacade>();
        services.AddSingleton<TokenVerdicts>();
        services.AddAuthentication(TokenAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthenticationHandler>(TokenAuthenticationHandler.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(AdminPolicyName, admin => admin.RequireRole("admin"));
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, DocumentJson.Rest.TypeInfoResolver!));
        services.AddOpenApi("v1");
        return services;
    }

    public static void MapGateway(this WebApplication app)
    {
        app.UseStatusCodePages(WriteProblemAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        WebhookEndpoint.Map(app);
        app.MapOpenApi().AllowAnonymous();
        var api = app.MapGroup("/api/v1").RequireAuthorization(AdminPolicyName);
        api.AddEndpointFilter(Problems.Filter);
        ApplyEndpoint.Map(api);
        ThingEndpoints.Map(api);
        CredentialEndpoints.Map(api);
        ApplicationEndpoints.Map(api);
        WatchEndpoint.Map(api);
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
