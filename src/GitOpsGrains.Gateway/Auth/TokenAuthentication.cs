using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using GitOpsGrains.Abstractions.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Gateway.Auth;

/// <summary>Bearer tokens, known to the system only by their SHA-256. A verdict is remembered for 30 s.</summary>
public sealed class TokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenVerdicts verdicts)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Who asks for what anybody may have is not looked up: health is told without a silo.
        if (Context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) return AuthenticateResult.NoResult();
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        if (await verdicts.OfAsync(header[Prefix.Length..].Trim()) is not { } principal) return AuthenticateResult.Fail("the token is not known");
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.Name, principal.Name));
        if (principal.IsAdmin) identity.AddClaim(new Claim(ClaimTypes.Role, "admin"));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}

/// <summary>Whose token it is, asked at most once in 30 s for each token.</summary>
public sealed class TokenVerdicts(IGrainFactory grains, TimeProvider time)
{
    private const int MaxTokenLength = 1024;
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (Principal? Principal, long At)> _known = new(StringComparer.Ordinal);

    public async Task<Principal?> OfAsync(string token)
    {
        if (token.Length is 0 or > MaxTokenLength) return null;
        var hash = HashOf(token);
        if (_known.TryGetValue(hash, out var verdict) && time.GetElapsedTime(verdict.At) < Validity) return verdict.Principal;
        var principal = await grains.GetGrain<IAccessGrain>(0).VerifyAsync(hash);
        if (_known.Count >= MaxRemembered) _known.Clear();
        _known[hash] = (principal, time.GetTimestamp());
        return principal;
    }

    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
