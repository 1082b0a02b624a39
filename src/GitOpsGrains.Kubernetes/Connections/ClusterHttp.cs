using System.Net;
using System.Net.Security;
using GitOpsGrains.Adapters.Trust;
using GitOpsGrains.Kubernetes.Hosting;
using k8s;

namespace GitOpsGrains.Kubernetes.Connections;

/// <summary>
/// The HTTP client of one cluster: that of KubernetesClient over a handler set up here. The library's own check of a
/// private authority skips the host name, so it is never given the authority: the handler verifies chain and name.
/// </summary>
internal static class ClusterHttp
{
#pragma warning disable CA5359 // The kubeconfig asks for it, and the connection's status warns of it.
    private static readonly RemoteCertificateValidationCallback AcceptAny = static (_, _, _, _) => true;
#pragma warning restore CA5359

    public static k8s.Kubernetes Create(ClusterEndpoint endpoint, KubernetesOptions options) => new(new KubernetesClientConfiguration
    {
        Host = endpoint.Address,
        SkipTlsVerify = endpoint.SkipsVerification,
        SslCaCerts = null,
        HttpClientTimeout = Timeout.InfiniteTimeSpan,
        FirstMessageHandlerSetup = handler => SetUp((SocketsHttpHandler)handler, endpoint, options),
    });

    private static void SetUp(SocketsHttpHandler handler, ClusterEndpoint endpoint, KubernetesOptions options)
    {
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.KeepAlivePingDelay = options.PingDelay;
        handler.KeepAlivePingTimeout = options.PingTimeout;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.EnableMultipleHttp2Connections = true;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2);
        if (endpoint.Proxy is not null) handler.Proxy = ProxyOf(endpoint.Proxy);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = endpoint.Authorities is null ? null : PrivateAuthorities.PolicyOf(endpoint.Authorities),
            LocalCertificateSelectionCallback = (_, _, _, _, _) => endpoint.Credentials.Certificate!,
            RemoteCertificateValidationCallback = endpoint.SkipsVerification ? AcceptAny : null,
        };
    }

    private static WebProxy ProxyOf(Uri address)
    {
        var proxy = new WebProxy(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)));
        if (address.UserInfo.Length == 0) return proxy;
        var parts = address.UserInfo.Split(':', 2);
        proxy.Credentials = new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        return proxy;
    }
}
