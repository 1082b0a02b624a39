using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Testing.Git;

/// <summary>
/// A real Git server (<c>git http-backend</c>) on a loopback port of its own, that counts its requests and can be told
/// to misbehave. Its files go when it is disposed.
/// </summary>
public sealed class GitServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CgiBridge _bridge;
    private readonly ConcurrentDictionary<string, GitServerFault> _faults = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, GitServerRequests> _requests = new(StringComparer.Ordinal);

    private GitServer(string root, X509Certificate2? certificate, X509Certificate2? clientAuthority)
    {
        Root = root;
        _bridge = new CgiBridge(root);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate, https => Ask(https, clientAuthority));
        }));
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>Where the bare repositories and the workspaces lie.</summary>
    public string Root { get; }

    /// <summary>For example <c>http://127.0.0.1:41234</c>.</summary>
    public string Url => _application.Urls.Single();

    /// <summary>Whether the server speaks protocol v2. Default: true.</summary>
    public bool ProtocolV2 { get; set; } = true;

    /// <summary>Which requests are answered; others get a 401. Default: all.</summary>
    public Func<HttpRequest, bool> Allows { get; set; } = static _ => true;

    /// <summary>The Authorization headers of all requests, "" for those without.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = [];

    /// <summary>Another origin that all requests are redirected to, with path and query; null: none.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Sent with 429 and 503. Default: null, no such header.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>For all repositories.</summary>
    public GitServerRequests Requests => _requests.Values.Aggregate(new GitServerRequests(0, 0, 0), (sum, item) => sum + item);

    public GitServerRequests RequestsFor(string repository) => _requests.GetValueOrDefault(repository) ?? new GitServerRequests(0, 0, 0);

    /// <param name="certificate">Makes it an https server.</param>
    /// <param name="clientAuthority">Only clients with a certificate of this authority get in.</param>
    public static async Task<GitServer> StartAsync(X509Certificate2? certificate = null, X509Certificate2? clientAuthority = null)
    {
        var server = new GitServer(Directory.CreateTempSubdirectory("gog-git-").FullName, certificate, clientAuthority);
        await server._application.StartAsync();
        return server;
    }

    public string UrlOf(string repository) => $"{Url}/{repository}.git";

    /// <summary>A new repository without a commit, and a workspace on its branch main.</summary>
    public async Task<GitWorkspace> CreateRepositoryAsync(string name)
    {
        var bare = Path.Combine(Root, name + ".git");
        var work = Path.Combine(Root, "work", name);
        Directory.CreateDirectory(work);
        await GitProcess.RunAsync(Root, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
        await GitProcess.RunAsync(work, ["init", "--quiet", "--initial-branch=main"]);
        await GitProcess.RunAsync(work, ["remote", "add", "origin", bare]);
        return new GitWorkspace(work, bare, UrlOf(name));
    }

    /// <summary>How requests for one repository are answered from now on, or those for all (null).</summary>
    public void Misbehave(GitServerFault fault, string? repository = null) => _faults[repository ?? ""] = fault;

    /// <summary>Stops listening; the files stay until the server is disposed.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync();
    }

    /// <summary>Gives a repository another name; its old URLs answer with redirects, as hosting services do.</summary>
    public void Rename(string from, string to)
    {
        Directory.Move(Path.Combine(Root, from + ".git"), Path.Combine(Root, to + ".git"));
        _renamed[from] = to;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _application.DisposeAsync();
        _stopping.Dispose();
        Directory.Delete(Root, true);
    }

    private static void Ask(HttpsConnectionAdapterOptions https, X509Certificate2? authority)
    {
        if (authority is null) return;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, chain, _) =>
        {
            chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(certificate);
        };
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Count(context.Request, body.ToArray());
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (!Allows(context.Request))
        {
            await RefuseAsync(context, GitServerFault.Unauthorized);
            return;
        }
        if (RedirectTo is { } other)
        {
            context.Response.Redirect($"{other}{context.Request.Path}{context.Request.QueryString}");
            return;
        }
        if (_renamed.TryGetValue(RepositoryOf(context.Request), out var renamed))
        {
            var path = context.Request.Path.Value!.Split(".git", 2)[1];
            context.Response.Redirect($"/{renamed}.git{path}{context.Request.QueryString}", permanent: true);
            return;
        }
        switch (FaultOf(context.Request))
        {
            case GitServerFault.Hang:
                await HangAsync(context);
                break;
            case GitServerFault.Drop:
                context.Abort();
                break;
            case GitServerFault.DropMidAnswer:
                await _bridge.RunAsync(context, body.ToArray(), ProtocolV2, 40);
                context.Abort();
                break;
            case GitServerFault.HangMidAnswer:
                await _bridge.RunAsync(context, body.ToArray(), ProtocolV2, 40);
                await HangAsync(context);
                break;
            case GitServerFault.None:
                await _bridge.RunAsync(context, body.ToArray(), ProtocolV2, null);
                break;
            case var fault:
                await RefuseAsync(context, fault);
                break;
        }
    }

    private async Task RefuseAsync(HttpContext context, GitServerFault fault)
    {
        var response = context.Response;
        response.StatusCode = fault switch
        {
            GitServerFault.Unauthorized => 401,
            GitServerFault.Forbidden => 403,
            GitServerFault.NotFound => 404,
            GitServerFault.InternalError => 500,
            GitServerFault.Unavailable => 503,
            GitServerFault.TooManyRequests => 429,
            _ => 200,
        };
        if (fault is GitServerFault.TooManyRequests or GitServerFault.Unavailable && RetryAfter is not null) response.Headers.RetryAfter = RetryAfter;
        if (fault == GitServerFault.Unauthorized) response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
        if (fault == GitServerFault.ForeignRedirect) response.Redirect("http://elsewhere.invalid" + context.Request.Path);
        var loginPage = fault == GitServerFault.LoginRedirect && context.Request.Path != "/login";
        if (loginPage) response.Redirect("/login");
        response.ContentType = fault == GitServerFault.Garbage
            ? "application/x-git-upload-pack-" + (context.Request.Method == "GET" ? "advertisement" : "result")
            : "text/html";
        if (response.StatusCode == 200) await response.WriteAsync(fault == GitServerFault.Garbage ? "no pkt-line at all" : "<html>log in</html>");
    }

    private async Task HangAsync(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private GitServerFault FaultOf(HttpRequest request)
    {
        return _faults.TryGetValue(RepositoryOf(request), out var own) ? own : _faults.GetValueOrDefault("");
    }

    private static string RepositoryOf(HttpRequest request) => request.Path.Value!.TrimStart('/').Split(".git", 2)[0];

    private void Count(HttpRequest request, byte[] body)
    {
        var one = request.Method == "GET" ? new GitServerRequests(1, 0, 0)
            : Encoding.ASCII.GetString(body).Contains("command=ls-refs", StringComparison.Ordinal) ? new GitServerRequests(0, 1, 0)
            : new GitServerRequests(0, 0, 1);
        _requests.AddOrUpdate(RepositoryOf(request), one, (_, before) => before + one);
    }
}
