using System.Threading.RateLimiting;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Gateway.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>How much anybody may ask of this face, before anything of the request is read.</summary>
internal static class WebhookLimits
{
    public const string Policy = "webhooks";

    public static void Configure(RateLimiterOptions limiter, WebhookOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "10";
            ApiInstruments.Throttled(context.HttpContext.Request);
            return ValueTask.CompletedTask;
        };
        limiter.AddPolicy(Policy, context => RateLimitPartition.GetTokenBucketLimiter(Clients.AddressOf(context.Connection.RemoteIpAddress), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));
    }
}
