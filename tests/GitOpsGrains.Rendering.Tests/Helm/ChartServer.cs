using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GitOpsGrains.Testing.Charts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>A chart repository over http or https with one chart, lib 1.0.0, packed by helm itself. It may want a user and a password.</summary>
internal sealed class ChartServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("gog-charts-");
    private readonly WebApplication _server;
    private readonly string? _wanted;
    private int _requests;

    private ChartServer(X509Certificate2? certificate, string? login)
    {
        _wanted = login is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(login));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public string Url => _server.Urls.First();

    public int Requests => _requests;

    /// <param name="certificate">Makes it an https server.</param>
    /// <param name="login">"user:password" that is wanted.</param>
    /// <param name="host">What the index calls the server; its address, if it is null.</param>
    public static async Task<ChartServer> StartAsync(X509Certificate2? certificate = null, string? login = null, string? host = null)
    {
        var server = new ChartServer(certificate, login);
        await server._server.StartAsync();
        await HelmPackages.WriteAsync(server._folder.FullName, "lib", "1.0.0");
        await HelmPackages.RunAsync(server._folder.FullName, "repo", "index", ".", "--url", host is null ? server.Url : server.Url.Replace("127.0.0.1", host, StringComparison.Ordinal));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var file = Path.Combine(_folder.FullName, Path.GetFileName(context.Request.Path.Value!));
        if (_wanted is not null && context.Request.Headers.Authorization != _wanted) context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (!File.Exists(file)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await context.Response.SendFileAsync(file);
    }
}
