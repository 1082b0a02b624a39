using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace GitOpsGrains.Tls;

/// <summary>The front door: mutual TLS for all connections of a silo, or of a client to silos.</summary>
public static class PeerTlsExtensions
{
    /// <summary>What a handshake says of its failure, for the one line that is told of it.</summary>
    private static readonly AsyncLocal<Handshake?> Current = new();

    public static ISiloBuilder UsePeerTls(this ISiloBuilder builder, PeerTlsSettings settings)
    {
        builder.Services.AddPeers(settings);
        builder.Services.AddOptions<SiloConnectionOptions>().Configure<PeerCertificates, Refusals>((connections, certificates, refusals) =>
        {
            connections.ConfigureSiloInboundConnection(connection => connection.Accept(certificates, refusals));
            connections.ConfigureGatewayInboundConnection(connection => connection.Accept(certificates, refusals));
            connections.ConfigureSiloOutboundConnection(connection => connection.Connect(certificates, refusals));
        });
        return builder;
    }

    public static IClientBuilder UsePeerTls(this IClientBuilder builder, PeerTlsSettings settings)
    {
        builder.Services.AddPeers(settings);
        builder.Services.AddOptions<ClientConnectionOptions>().Configure<PeerCertificates, Refusals>((connections, certificates, refusals) =>
            connections.ConfigureConnection(connection => connection.Connect(certificates, refusals)));
        return builder;
    }

    private static void AddPeers(this IServiceCollection services, PeerTlsSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<PeerCertificates>();
        services.AddSingleton<Refusals>();
        // It tells the same with a stack, and not whom it refused.
        services.AddLogging(logging => logging.AddFilter("Orleans.Connections.Security", LogLevel.None));
    }

    private static void Accept(this IConnectionBuilder builder, PeerCertificates certificates, Refusals refusals)
    {
        builder.Tell(isIncoming: true, refusals);
        var options = Options(certificates, PeerTrust.Client);
        options.LocalServerCertificateSelector = (_, _) => certificates.Current.Certificate;
        // One without a certificate is let through the handshake, to be refused with a reason behind it.
        options.RemoteCertificateMode = RemoteCertificateMode.AllowCertificate;
        builder.UseServerTls(options);
        builder.Use(next => context => context.Features.Get<ITlsConnectionFeature>()?.RemoteCertificate is null ? Refuse("it has no certificate") : Pass(next, context));
    }

    private static void Connect(this IConnectionBuilder builder, PeerCertificates certificates, Refusals refusals)
    {
        builder.Tell(isIncoming: false, refusals);
        var options = Options(certificates, PeerTrust.Server);
        options.LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Current.Certificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        builder.UseClientTls(options);
        builder.Use(next => context => Pass(next, context));
    }

    private static TlsOptions Options(PeerCertificates certificates, string usage) => new()
    {
        SslProtocols = SslProtocols.Tls13,
        HandshakeTimeout = TimeSpan.FromSeconds(5),
        RemoteCertificateValidation = (certificate, chain, _) => Validate(certificate, chain, certificates, usage),
    };

    private static bool Validate(X509Certificate2 certificate, X509Chain? chain, PeerCertificates certificates, string usage)
    {
        var fault = PeerTrust.Fault(certificate, chain, certificates.Current.Authorities, usage);
        if (Current.Value is { } handshake) handshake.Fault = fault;
        return fault is null;
    }

    private static Task Refuse(string reason)
    {
        if (Current.Value is { } handshake) handshake.Fault = reason;
        return Task.CompletedTask;
    }

    private static Task Pass(ConnectionDelegate next, ConnectionContext context)
    {
        if (Current.Value is { } handshake) handshake.IsDone = true;
        return next(context);
    }

    /// <summary>Around the handshake: what did not come through it is told.</summary>
    private static void Tell(this IConnectionBuilder builder, bool isIncoming, Refusals refusals) => builder.Use(next => async context =>
    {
        var handshake = new Handshake();
        Current.Value = handshake;
        await next(context);
        if (handshake.IsDone) return;
        refusals.Tell(isIncoming, context.RemoteEndPoint, handshake.Fault ?? "it does not speak TLS, or refuses ours");
        context.Abort();
    });

    private sealed class Handshake
    {
        public string? Fault { get; set; }

        public bool IsDone { get; set; }
    }
}
