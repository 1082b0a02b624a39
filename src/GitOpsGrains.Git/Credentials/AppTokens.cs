using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using GitOpsGrains.Git.Transport;

namespace GitOpsGrains.Git.Credentials;

/// <summary>A GitHub App where it is installed, with the App's key.</summary>
internal sealed record AppInstallation(string AppId, string InstallationId, Uri Api, NamedSecret Key, ConnectionSetup Connection);

/// <summary>
/// Tokens of GitHub App installations: asked for with a JSON Web Token that the App's key signs, kept until five minutes before
/// they end. Repositories that share an installation share its token; all who need a new one wait for one request.
/// </summary>
internal sealed class AppTokens(GitHttp http, TimeProvider time)
{
    private const int MaxAnswer = 64 * 1024;
    private const int MaxKept = 1000;
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(9);
    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    public static Uri ApiOf(GitUrl url, GitHubAppSpec app) =>
        app.ApiUrl is { Length: > 0 } given ? new Uri(given.TrimEnd('/') + "/")
        : url.Host == "github.com" ? new Uri("https://api.github.com/")
        : new Uri($"{url.Scheme}://{url.Host}:{url.Port.ToString(CultureInfo.InvariantCulture)}/api/v3/");

    public async Task<string> GetAsync(AppInstallation installation, CancellationToken cancellationToken)
    {
        if (_slots.Count > MaxKept) _slots.Clear();
        var slot = _slots.GetOrAdd(KeyOf(installation), _ => new Slot());
        await slot.Gate.WaitAsync(cancellationToken);
        try
        {
            if (slot.Token is null || slot.Until <= time.GetUtcNow())
            {
                var answer = await AskAsync(installation, cancellationToken);
                (slot.Token, slot.Until) = (answer.Token, answer.ExpiresAt - Early);
            }
            return slot.Token!;
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>The server refuses the token although its time is not over: it was revoked.</summary>
    public void Forget(AppInstallation installation, string token)
    {
        if (_slots.TryGetValue(KeyOf(installation), out var slot) && slot.Token == token) _slots.TryRemove(new KeyValuePair<string, Slot>(KeyOf(installation), slot));
    }

    private async Task<TokenAnswer> AskAsync(AppInstallation installation, CancellationToken cancellationToken)
    {
        var url = new Uri(installation.Api, $"app/installations/{installation.InstallationId}/access_tokens");
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Sign(installation));
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.TryAddWithoutValidation("X-GitHub-Api-Version", "2022-11-28");
        using var response = await http.SendAsync(request, installation.Connection, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Created) throw Refusal(response.StatusCode, installation);
        var body = await HttpExchange.ReadAsync(response, MaxAnswer, cancellationToken);
        try
        {
            var answer = JsonSerializer.Deserialize<TokenAnswer>(body.Span);
            if (answer is { Token.Length: > 0 }) return answer;
        }
        catch (JsonException)
        {
            // Its complaint may show the token.
        }
        throw new GitException(GitErrorKind.Malformed, $"{url.Authority} answers the request for a token of the GitHub App with something else");
    }

    private string Sign(AppInstallation installation)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(installation.Key.Value);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new GitException(GitErrorKind.SecretMissing, $"the {installation.Key.Name} holds no RSA private key in PEM form without passphrase");
        }
        var now = time.GetUtcNow();
        var claims = new { iat = (now - ClockSkew).ToUnixTimeSeconds(), exp = (now + Validity).ToUnixTimeSeconds(), iss = installation.AppId };
        var text = $"{Encode("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static GitException Refusal(HttpStatusCode status, AppInstallation installation) => (int)status switch
    {
        401 => new GitException(GitErrorKind.AccessDenied, $"{installation.Api.Authority} refuses the key of the GitHub App {installation.AppId} (401)"),
        403 => new GitException(GitErrorKind.AccessDenied, $"{installation.Api.Authority} gives the GitHub App {installation.AppId} no token (403): suspended, or too many requests"),
        404 => new GitException(GitErrorKind.AccessDenied, $"{installation.Api.Authority} knows no installation {installation.InstallationId} of the GitHub App {installation.AppId} (404)"),
        var code => new GitException(GitErrorKind.Unreachable, $"{installation.Api.Authority} answers the request for a token of a GitHub App with the status {code}"),
    };

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string KeyOf(AppInstallation installation) =>
        $"{installation.Api}\n{installation.AppId}\n{installation.InstallationId}\n{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(installation.Key.Value)))}";

    private sealed class Slot
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public string? Token { get; set; }

        public DateTimeOffset Until { get; set; }
    }

    private sealed class TokenAnswer
    {
        [JsonPropertyName("token")] public string Token { get; init; } = "";

        [JsonPropertyName("expires_at")] public DateTimeOffset ExpiresAt { get; init; }
    }
}
