using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Git.Tests.Credentials;

public sealed class AppTokenTests
{
    [Fact]
    public async Task Pull_WithAGitHubApp_SignsInWithATokenThatIsKeptUntilShortlyBeforeItsEnd()
    {
        var time = new ShiftedTime();
        await using var api = await AppApi.StartAsync(time);
        await using var harness = await MirrorHarness.StartAsync(time: time);
        harness.Server.Allows = request => request.Headers.Authorization == Basic(api.Token);
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var commit = await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work) with { Credentials = Credentials(harness, api) };

        Assert.Equal(commit, await harness.PullAsync(access));
        time.Shift += TimeSpan.FromMinutes(54);
        await harness.PullAsync(access);
        Assert.Equal(1, api.Requests);
        time.Shift += TimeSpan.FromMinutes(2);
        await harness.PullAsync(access);
        Assert.Equal(2, api.Requests);

        Assert.Empty(api.Faults);
        Assert.DoesNotContain("canary", harness.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfManyRepositoriesAtOnce_AsksForOneToken()
    {
        await using var api = await AppApi.StartAsync(TimeProvider.System);
        await using var harness = await MirrorHarness.StartAsync();
        var credentials = Credentials(harness, api);
        var works = new List<RepositoryAccess>();
        for (var index = 0; index < 8; index++)
        {
            var work = await harness.Server.CreateRepositoryAsync($"fleet-{index}");
            await work.PublishAsync("a.yaml", "a: 1\n");
            works.Add(MirrorHarness.Access(work) with { Credentials = credentials });
        }

        await Task.WhenAll(works.Select(access => harness.PullAsync(access)));

        Assert.Equal(1, api.Requests);
    }

    [Fact]
    public async Task Pull_AfterTheTokenWasRevoked_TakesANewOneAtTheNextPoll()
    {
        await using var api = await AppApi.StartAsync(TimeProvider.System);
        await using var harness = await MirrorHarness.StartAsync();
        harness.Server.Allows = request => request.Headers.Authorization == Basic(api.Token) && api.Token != "canary-token-1";
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        await work.PublishAsync("a.yaml", "a: 1\n");
        var access = MirrorHarness.Access(work) with { Credentials = Credentials(harness, api) };

        await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.AccessDenied);
        await harness.PullAsync(access);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, GitErrorKind.AccessDenied, "refuses the key of the GitHub App 12345")]
    [InlineData(HttpStatusCode.NotFound, GitErrorKind.AccessDenied, "knows no installation 678")]
    [InlineData(HttpStatusCode.BadGateway, GitErrorKind.Unreachable, "status 502")]
    [InlineData(HttpStatusCode.Redirect, GitErrorKind.Unreachable, "status 302")]
    [InlineData(HttpStatusCode.Created, GitErrorKind.Malformed, "something else")]
    public async Task Pull_WhenTheApiRefuses_SaysWhat(HttpStatusCode status, GitErrorKind kind, string message)
    {
        await using var api = await AppApi.StartAsync(TimeProvider.System);
        await using var harness = await MirrorHarness.StartAsync();
        api.Refusal = status;
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work) with { Credentials = Credentials(harness, api) };

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), kind);

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, harness.Server.Requests.Total);
    }

    [Fact]
    public async Task Pull_WithAKeyThatIsNone_SaysSo()
    {
        await using var api = await AppApi.StartAsync(TimeProvider.System);
        await using var harness = await MirrorHarness.StartAsync();
        var work = await harness.Server.CreateRepositoryAsync("fleet");
        var access = MirrorHarness.Access(work) with { Credentials = Credentials(harness, api) };
        harness.Secrets.Put("app", "canary-no-key");

        var failure = await MirrorHarness.FailsAsync(() => harness.PullAsync(access), GitErrorKind.SecretMissing);

        Assert.Equal("the stored credential app holds no RSA private key in PEM form without passphrase", failure.Message);
        Assert.Equal(0, api.Requests);
    }

    [Theory]
    [InlineData("https://github.com/a/b", "https://api.github.com/")]
    [InlineData("https://ghe.example.com/a/b", "https://ghe.example.com/api/v3/")]
    [InlineData("https://ghe.example.com:8443/a/b", "https://ghe.example.com:8443/api/v3/")]
    public void Api_IsThatOfTheHost(string url, string expected)
    {
        Assert.True(GitUrl.TryParse(url, out var parsed, out _));
        Assert.Equal(expected, Git.Credentials.AppTokens.ApiOf(parsed, new GitHubAppSpec()).AbsoluteUri);
    }

    private static CredentialsSpec Credentials(MirrorHarness harness, AppApi api) => new()
    {
        GithubApp = new GitHubAppSpec { AppId = "12345", InstallationId = "678", PrivateKeyFrom = harness.Secrets.Put("app", api.PrivateKey), ApiUrl = api.Url },
    };

    private static string Basic(string token) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x-access-token:" + token));

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }

    /// <summary>GitHub's endpoint for tokens of installations; checks signature and claims as GitHub does.</summary>
    private sealed class AppApi : IAsyncDisposable
    {
        private readonly RSA _key = RSA.Create(2048);
        private readonly WebApplication _application;
        private readonly TimeProvider _time;
        private int _requests;

        private AppApi(TimeProvider time)
        {
            _time = time;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _application = builder.Build();
            _application.MapPost("/api/v3/app/installations/678/access_tokens", Answer);
        }

        public string PrivateKey => _key.ExportRSAPrivateKeyPem();

        public string Url => _application.Urls.Single() + "/api/v3";

        public string Token => $"canary-token-{Requests}";

        public int Requests => Volatile.Read(ref _requests);

        public HttpStatusCode? Refusal { get; set; }

        public ConcurrentQueue<string> Faults { get; } = [];

        public static async Task<AppApi> StartAsync(TimeProvider time)
        {
            var api = new AppApi(time);
            await api._application.StartAsync();
            return api;
        }

        public async ValueTask DisposeAsync()
        {
            await _application.DisposeAsync();
            _key.Dispose();
        }

        private IResult Answer(HttpContext context)
        {
            Interlocked.Increment(ref _requests);
            if (Refusal is { } status)
            {
                context.Response.Headers.Location = "http://elsewhere.invalid/";
                return Results.Text("""{"canary-token": 1}""", statusCode: (int)status);
            }
            if (Check(context.Request.Headers.Authorization.ToString()) is { } fault)
            {
                Faults.Enqueue(fault);
                return Results.Unauthorized();
            }
            var end = (_time.GetUtcNow() + TimeSpan.FromHours(1)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            return Results.Json(new { token = Token, expires_at = end, permissions = new { contents = "read" } }, statusCode: 201);
        }

        private string? Check(string header)
        {
            var parts = header.Split(' ')[^1].Split('.');
            if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || parts.Length != 3) return "no JSON Web Token";
            if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)) return "the signature";
            if (JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!["alg"]!.GetValue<string>() != "RS256") return "the algorithm";
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
            var now = _time.GetUtcNow().ToUnixTimeSeconds();
            if (claims["iss"]!.GetValue<string>() != "12345") return "the issuer";
            if (claims["iat"]!.GetValue<long>() > now) return "made in the future";
            return claims["exp"]!.GetValue<long>() is var end && end > now && end <= now + 600 ? null : "the time";
        }
    }
}
