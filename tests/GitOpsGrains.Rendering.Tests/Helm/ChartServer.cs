using System.Diagnostics;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Rendering.Tests.Helm;

/// <summary>A chart repository over http with one chart, lib 1.0.0, packed by helm itself.</summary>
internal sealed class ChartServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("gog-charts-");
    private readonly WebApplication _server;
    private int _requests;

    private ChartServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public string Url => _server.Urls.First();

    public int Requests => _requests;

    public static async Task<ChartServer> StartAsync()
    {
        var server = new ChartServer();
        await server._server.StartAsync();
        var chart = System.IO.Directory.CreateDirectory(Path.Combine(server._folder.FullName, "lib", "templates"));
        await File.WriteAllTextAsync(Path.Combine(chart.Parent!.FullName, "Chart.yaml"), "apiVersion: v2\nname: lib\nversion: 1.0.0\n");
        await File.WriteAllTextAsync(Path.Combine(chart.FullName, "lib.yaml"), RenderHarness.ConfigMap("lib"));
        await server.HelmAsync("package", "lib");
        await server.HelmAsync("repo", "index", ".", "--url", server.Url);
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
        if (!File.Exists(file)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await context.Response.SendFileAsync(file);
    }

    private async Task HelmAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Tools.Require("helm"), arguments) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
