using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using GitOpsGrains.Testing.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.EndToEnd.Tests.Looking;

/// <summary>A node whose kubelet has logs: what API servers ask when somebody wants those of a pod.</summary>
internal sealed class KubeletStandIn : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _asked = new();

    private KubeletStandIn(WebApplication application, string node) => (_application, Node) = (application, node);

    /// <summary>For <c>spec.nodeName</c> of pods.</summary>
    public string Node { get; }

    /// <summary>Paths with their queries.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <param name="text">The log of every container.</param>
    public static async Task<KubeletStandIn> StartAsync(ApiServer server, string text)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        using var pem = X509Certificate2.CreateFromPemFile(server.Certificates.ServerCertificateFile, server.Certificates.ServerKeyFile);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var kubelet = new KubeletStandIn(application, $"n{Guid.NewGuid():N}"[..10]);
        application.Run(context =>
        {
            kubelet._asked.Enqueue($"{context.Request.Path}{context.Request.QueryString}");
            return context.Response.WriteAsync(text);
        });
        await application.StartAsync();
        await server.Client.PostAsync("/api/v1/nodes", $$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{kubelet.Node}}}"} }""");
        await server.Client.PatchAsync($"/api/v1/nodes/{kubelet.Node}/status", $$$"""
            {"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{new Uri(application.Urls.Single()).Port}}}} } } }
            """);
        return kubelet;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
