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

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Who asks for what anybody may have is not looked up: health is told without a silo.
        if (Context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) return AuthenticateResult.NoResult();
        if (PresentedToken.Of(Context).Hash is not { } token) return AuthenticateResult.NoResult();
        if (await verdicts.OfAsync(token) is not { } principal) return AuthenticateResult.Fail("the token is not known");
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.Name, principal.Name));
        if (principal.IsAdmin) identity.AddClaim(new Claim(ClaimTypes.Role, "admin"));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}

/// <summary>Whose token it is, asked at most once in 30 s for each token.</summary>
public sealed class TokenVerdicts(IGrainFactory grains, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (Principal? Principal, long At)> _known = new(StringComparer.Ordinal);

    /// <param name="hash">Of the token.</param>
    public async Task<Principal?> OfAsync(string hash)
    {
        if (_known.TryGetValue(hash, out var verdict) && time.GetElapsedTime(verdict.At) < Validity) return verdict.Principal;
        var principal = await grains.GetGrain<IAccessGrain>(0).VerifyAsync(hash);
        if (_known.Count >= MaxRemembered) Forget();
        _known[hash] = (principal, time.GetTimestamp());
        return principal;
    }

    /// <summary>Whether the token was somebody's when it was asked for last, however long ago. Asks nobody.</summary>
    internal bool Remembers(string hash) => _known.TryGetValue(hash, out var verdict) && verdict.Principal is not null;

    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Those that are nobody's first: whoever makes up tokens has nobody's looked up anew.</summary>
    private void Forget()
    {
        foreach (var (hash, verdict) in _known)
            if (verdict.Principal is null) _known.TryRemove(hash, out _);
        if (_known.Count >= MaxRemembered) _known.Clear();
    }
}

/// <summary>The token that came with a request, hashed once however many ask.</summary>
/// <param name="Hash">Null where there is none that could be somebody's.</param>
internal sealed record PresentedToken(string? Hash)
{
    private const string Prefix = "Bearer ";
    private const int MaxLength = 1024;

    public static PresentedToken Of(HttpContext context)
    {
        if (context.Items[typeof(PresentedToken)] is PresentedToken known) return known;
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..].Trim() : "";
        var presented = new PresentedToken(token.Length is > 0 and <= MaxLength ? TokenVerdicts.HashOf(token) : null);
        context.Items[typeof(PresentedToken)] = presented;
        return presented;
    }
}
