using System.Diagnostics.CodeAnalysis;
using GitOpsGrains.Abstractions.Silos;
using GitOpsGrains.Storage.Azure;
using GitOpsGrains.Storage.Redis;
using Microsoft.Extensions.Configuration;

namespace GitOpsGrains.Storage.Hosting;

/// <summary>
/// The settings below <c>Storage</c> and <c>Cluster</c>, for silos and for their clients: where everything durable is, and with it
/// how silos of one installation are found.
/// </summary>
public sealed record StorageSettings
{
    private const string DefaultId = ClusterNames.ServiceId;
    private const int MaxId = 40;

    /// <summary>Settings <c>Storage:Kind</c> (Embedded, AzureStorage, Redis), <c>Storage:KeyDirectory</c>, <c>Storage:Azure:…</c>, <c>Storage:Redis:…</c>.</summary>
    public StorageChoice Choice { get; init; } = new();

    /// <summary>What the data belongs to: all silos of an installation have the same. Setting: <c>Cluster:ServiceId</c>. Default: gitopsgrains.</summary>
    public string ServiceId { get; init; } = DefaultId;

    /// <summary>Which silos work together. Setting: <c>Cluster:Id</c>. Default: the service id.</summary>
    public string ClusterId { get; init; } = DefaultId;

    public bool IsEmbedded => Choice.Kind == StorageKind.Embedded;

    /// <param name="isClient">Whether silos are all that is looked for: then nothing of what is stored is opened, and no key needed.</param>
    public static bool TryRead(IConfiguration configuration, bool isClient, [NotNullWhen(true)] out StorageSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        fault = null;
        var kind = StorageKind.Embedded;
        if (configuration["Storage:Kind"] is not { Length: > 0 } name || TryReadKind(name, out kind)) return TryRead(configuration, kind, isClient, out settings, out fault);
        fault = $"Storage:Kind: '{name}' is not one of {string.Join(", ", Enum.GetNames<StorageKind>())}";
        return false;
    }

    public static bool TryReadKind(string name, out StorageKind kind) =>
        // By name only: the parser takes numbers too.
        Enum.TryParse(name, ignoreCase: true, out kind) && string.Equals(name, kind.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>As if the kind were set to this one.</summary>
    public static bool TryRead(IConfiguration configuration, StorageKind kind, bool isClient, [NotNullWhen(true)] out StorageSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        var choice = ReadChoice(configuration.GetSection("Storage"), kind, out fault);
        fault ??= isClient ? choice.FindConnectionFault() : choice.FindFault();
        var service = configuration["Cluster:ServiceId"] ?? DefaultId;
        var cluster = configuration["Cluster:Id"] ?? service;
        if (!IsId(service) || !IsId(cluster)) fault ??= $"Cluster:ServiceId and Cluster:Id are at most {MaxId} lower-case letters, digits and single hyphens";
        if (fault is not null) return false;
        settings = new StorageSettings { Choice = choice, ServiceId = service, ClusterId = cluster };
        return true;
    }

    private static StorageChoice ReadChoice(IConfigurationSection section, StorageKind kind, out string? fault)
    {
        fault = null;
        var azure = new AzureStorageOptions
        {
            ConnectionString = Secret(section.GetSection("Azure"), "Storage:Azure", ref fault),
            BlobServiceUri = ServiceAddress(section, "Azure:BlobServiceUri", ref fault),
            TableServiceUri = ServiceAddress(section, "Azure:TableServiceUri", ref fault),
            IdentityClientId = section["Azure:IdentityClientId"] is { Length: > 0 } client ? client : null,
        };
        var redis = new RedisOptions { ConnectionString = Secret(section.GetSection("Redis"), "Storage:Redis", ref fault) };
        return new StorageChoice { Kind = kind, KeyDirectory = section["KeyDirectory"] is { Length: > 0 } keys ? Path.GetFullPath(keys) : null, Azure = azure, Redis = redis };
    }

    /// <summary>From the setting itself or from a file.</summary>
    private static string? Secret(IConfigurationSection section, string name, ref string? fault)
    {
        if (section["ConnectionString"] is { Length: > 0 } text) return text;
        if (section["ConnectionStringFile"] is not { Length: > 0 } file) return null;
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            fault ??= $"{name}:ConnectionStringFile: '{file}' can't be read";
            return null;
        }
    }

    private static Uri? ServiceAddress(IConfigurationSection section, string name, ref string? fault)
    {
        if (section[name] is not { Length: > 0 } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Query.Length == 0) return address;
        fault ??= $"Storage:{name} is not the address of a storage account";
        return null;
    }

    // Fits the names of containers, table rows and keys of all kinds.
    private static bool IsId(string id) =>
        id.Length is > 0 and <= MaxId && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        && !id.StartsWith('-') && !id.EndsWith('-') && !id.Contains("--", StringComparison.Ordinal);
}
