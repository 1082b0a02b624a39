using System.Diagnostics.CodeAnalysis;
using GitOpsGrains.Gateway.Host.Clustering;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Tls;

namespace GitOpsGrains.Gateway.Host.Configuration;

/// <summary>What the gateway is told: from <c>appsettings.json</c> and <c>GITOPSGRAINS__…</c> variables.</summary>
public sealed record GatewaySettings
{
    /// <summary>Settings <c>Http:Url</c> and <c>Grpc:Url</c>.</summary>
    public GatewayListeners Listeners { get; init; } = new();

    /// <summary>How the silos are found.</summary>
    public SiloClustering Clustering { get; init; } = new();

    /// <summary>Directories that <c>file</c> references may lead into, as on the silos. Setting: <c>Secrets:Directories</c>. On loopback: all.</summary>
    public IReadOnlyList<string> SecretDirectories { get; init; } = [];

    /// <summary>Settings <c>Webhooks:PROVIDER:SecretFrom:File|Env</c>, of this machine.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Of the connections to silos. Settings: <c>Gateway:Tls:…</c>. Default: none.</summary>
    public PeerTlsSettings? Tls { get; init; }

    public static bool TryRead(string[] args, [NotNullWhen(true)] out GatewaySettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        fault = args.Length > 0 ? $"'{args[0]}' is not known; settings come from appsettings.json and GITOPSGRAINS__ variables" : null;
        if (fault is not null) return false;
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
            .AddEnvironmentVariables("GITOPSGRAINS__")
            .Build();
        if (!GatewayListeners.TryRead(configuration, out var listeners, out fault)) return false;
        if (!SiloClustering.TryRead(configuration, out var clustering, out fault)) return false;
        if (!WebhookSettings.TryRead(configuration.GetSection("Webhooks"), out var webhooks, out fault)) return false;
        if (!PeerTlsSettings.TryRead(configuration, "Gateway:Tls", TimeProvider.System, out var tls, out fault)) return false;
        settings = new GatewaySettings
        {
            Tls = tls,
            Listeners = listeners,
            Clustering = clustering,
            Webhooks = webhooks,
            SecretDirectories = (configuration["Secrets:Directories"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        return true;
    }
}
