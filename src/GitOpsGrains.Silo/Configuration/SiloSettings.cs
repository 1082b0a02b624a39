using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>
/// What the host is told: from <c>appsettings.json</c>, <c>GITOPSGRAINS__…</c> variables, then the command line.
/// </summary>
public sealed record SiloSettings
{
    /// <summary>Where all data lies; outside the embedded kind of storage, what a silo can make anew. Command line: <c>--data DIR</c>. Default: ./data.</summary>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>Where everything durable is, and how silos find each other.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>Settings <c>Silo:…</c>.</summary>
    public SiloEndpoints Endpoints { get; init; } = new();

    /// <summary>Settings <c>Http:Url</c> and <c>Grpc:Url</c>.</summary>
    public GatewayListeners Listeners { get; init; } = new();

    /// <summary>Of REST and UI.</summary>
    public Uri Url => Listeners.Url;

    /// <summary>Setting: <c>Installation:Name</c>. Default: default.</summary>
    public string Installation { get; init; } = "default";

    /// <summary>Exec plugins that kubeconfigs may run, by command name. Setting: <c>Kubernetes:AllowedExecCommands</c>, a comma-separated list.</summary>
    public IReadOnlyList<string> AllowedExecCommands { get; init; } = [];

    /// <summary>
    /// An argocd-cm ConfigMap, or a mapping of its keys, with health scripts and actions in Lua. Setting:
    /// <c>Health:CustomizationsFile</c>. Default: none.
    /// </summary>
    public string? HealthCustomizationsFile { get; init; }

    /// <summary>Annotations whose values are never shown. Setting: <c>Diff:MaskedAnnotations</c>, a comma-separated list.</summary>
    public IReadOnlyList<string> MaskedAnnotations { get; init; } = [];

    /// <summary>Directories that <c>file</c> references may lead into. Setting: <c>Secrets:Directories</c>, a comma-separated list. On loopback: all.</summary>
    public IReadOnlyList<string> SecretDirectories { get; init; } = [];
    /// <summary>Settings <c>Webhooks:PROVIDER:SecretFrom:File</c> (an absolute path) or <c>…:Env</c> (a name that begins with GITOPSGRAINS_SECRET_).</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Of the commits of rollbacks. Setting: <c>Git:Committer:Name</c>.</summary>
    public string? CommitterName { get; init; }

    /// <summary>Setting: <c>Git:Committer:Email</c>.</summary>
    public string? CommitterEmail { get; init; }

    /// <summary>Requests that polls send to one Git server in a second. Setting: <c>Git:RequestsPerSecond</c>. Default: 50.</summary>
    public double GitRequestsPerSecond { get; init; } = 50;

    /// <summary>Requests that polls may send to one Git server at once. Setting: <c>Git:RequestBurst</c>. Default: 200.</summary>
    public int GitRequestBurst { get; init; } = 200;

    /// <summary>Simulated clusters and a sample repository. Command line: <c>--demo</c>.</summary>
    public bool IsDemo { get; init; }

    /// <summary>How often somebody changes a live object of the demo. Setting: <c>Demo:DriftEvery</c>. Default: 90s.</summary>
    public TimeSpan DemoDriftEvery { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Where the administrator's tokens lie, one in a line. Setting: <c>Auth:AdminTokenFile</c>, required outside the embedded kind of
    /// storage. Default: DIR/admin-token, made at the first start.
    /// </summary>
    [AllowNull] public string AdminTokenFile { get => field ?? Path.Combine(DataDirectory, TokenFile.Name); init; }

    /// <summary>Who reaches this silo is on its machine, and all there is lies on it too.</summary>
    public bool IsLocal => IsLoopback && Storage.IsEmbedded;

    public bool IsLoopback => Listeners.IsLoopback;

    /// <summary>All sources but the command line.</summary>
    public static IConfiguration Configuration() => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
        .AddEnvironmentVariables("GITOPSGRAINS__")
        .Build();

    /// <summary>Setting <c>Installation:Name</c>.</summary>
    public static string InstallationOf(IConfiguration configuration) => configuration["Installation:Name"] ?? "default";

    public static bool TryRead(string[] args, [NotNullWhen(true)] out SiloSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        var configuration = Configuration();
        fault = ReadArguments(args, out var data, out var isDemo);
        if (fault is not null) return false;
        if (!GatewayListeners.TryRead(configuration, out var listeners, out fault)) return false;
        if (!WebhookSettings.TryRead(configuration.GetSection("Webhooks"), out var webhooks, out fault)) return false;
        if (!double.TryParse(configuration["Git:RequestsPerSecond"] ?? "50", CultureInfo.InvariantCulture, out var rate) || rate is not (>= 0.01 and <= 10_000)
            || !int.TryParse(configuration["Git:RequestBurst"] ?? "200", CultureInfo.InvariantCulture, out var burst) || burst is not (>= 1 and <= 10_000))
        {
            fault = "Git:RequestsPerSecond must be a number from 0.01 and Git:RequestBurst one from 1, both to 10000";
            return false;
        }
        if (!Durations.TryParse(configuration["Demo:DriftEvery"] ?? "90s", out var driftEvery) || driftEvery < TimeSpan.FromSeconds(1))
        {
            fault = "Demo:DriftEvery must be a duration of at least 1s";
            return false;
        }
        if (!StorageSettings.TryRead(configuration, isClient: false, out var storage, out fault)) return false;
        if (!SiloEndpoints.TryRead(configuration, storage.IsEmbedded, out var endpoints, out fault)) return false;
        fault = FindTokenFault(configuration["Auth:AdminTokenFile"], data ?? configuration["Data"] ?? "./data", storage) ?? (isDemo && !storage.IsEmbedded ? "--demo works with Storage:Kind=Embedded only" : null);
        if (fault is not null) return false;
        settings = new SiloSettings
        {
            IsDemo = isDemo,
            DemoDriftEvery = driftEvery,
            DataDirectory = Path.GetFullPath(data ?? configuration["Data"] ?? "./data"),
            Storage = storage,
            Endpoints = endpoints,
            AdminTokenFile = configuration["Auth:AdminTokenFile"] is { Length: > 0 } token ? Path.GetFullPath(token) : null,
            Listeners = listeners,
            Installation = InstallationOf(configuration),
            HealthCustomizationsFile = configuration["Health:CustomizationsFile"] is { Length: > 0 } customizations ? Path.GetFullPath(customizations) : null,
            AllowedExecCommands = List(configuration["Kubernetes:AllowedExecCommands"]),
            SecretDirectories = List(configuration["Secrets:Directories"]),
            Webhooks = webhooks,
            CommitterName = configuration["Git:Committer:Name"] is { Length: > 0 } committer ? committer : null,
            CommitterEmail = configuration["Git:Committer:Email"] is { Length: > 0 } email ? email : null,
            GitRequestsPerSecond = rate,
            GitRequestBurst = burst,
            MaskedAnnotations = List(configuration["Diff:MaskedAnnotations"]),
        };
        return true;
    }

    /// <summary>Silos that share a storage can't each make a token of their own.</summary>
    private static string? FindTokenFault(string? file, string data, StorageSettings storage)
    {
        if (string.IsNullOrEmpty(file) && !storage.IsEmbedded) return $"Auth:AdminTokenFile is required with Storage:Kind={storage.Choice.Kind}: a file with the administrator's token, the same for all silos";
        var path = string.IsNullOrEmpty(file) ? Path.Combine(data, TokenFile.Name) : file;
        return (storage.IsEmbedded && TokenFile.IsAbsent(path)) || TokenFile.TryRead(path, out _, out var fault) ? null : $"Auth:AdminTokenFile: {fault}";
    }

    private static string[] List(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? ReadArguments(string[] args, out string? data, out bool isDemo)
    {
        (data, isDemo) = (null, false);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--data" && i + 1 < args.Length) data = args[++i];
            else if (args[i] == "--demo") isDemo = true;
            else return $"'{args[i]}' is not known; usage: [--demo] [--data DIR], or storage copy --from KIND --to KIND [--data DIR]";
        }
        return null;
    }
}
