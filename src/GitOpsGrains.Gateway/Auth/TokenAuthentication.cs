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
        if (TokenOf(Request) is not { } token) return AuthenticateResult.NoResult();
        if (await verdicts.OfAsync(token) is not { } principal) return AuthenticateResult.Fail("the token is not known");
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.Name, principal.Name));
        if (principal.IsAdmin) identity.AddClaim(new Claim(ClaimTypes.Role, "admin"));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    /// <summary>Null when there is none.</summary>
    internal static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : null;
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
        if (!IsPossible(token)) return null;
        var hash = HashOf(token);
        if (_known.TryGetValue(hash, out var verdict) && time.GetElapsedTime(verdict.At) < Validity) return verdict.Principal;
        var principal = await grains.GetGrain<IAccessGrain>(0).VerifyAsync(hash);
        if (_known.Count >= MaxRemembered) Forget();
        _known[hash] = (principal, time.GetTimestamp());
        return principal;
    }

    /// <summary>The hash of a token that was somebody's when it was asked for last, however long ago; else null. Asks nobody.</summary>
    internal string? Remembered(string token) => IsPossible(token) && HashOf(token) is var hash && _known.TryGetValue(hash, out var verdict) && verdict.Principal is not null ? hash : null;

    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static bool IsPossible(string token) => token.Length is > 0 and <= MaxTokenLength;

    /// <summary>Those that are nobody's first: whoever makes up tokens has nobody's looked up anew.</summary>
    private void Forget()
    {
        foreach (var (hash, verdict) in _known)
            if (verdict.Principal is null) _known.TryRemove(hash, out _);
        if (_known.Count >= MaxRemembered) _known.Clear();
    }
}
