using System.Diagnostics.CodeAnalysis;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Silo.Configuration;

internal enum StorageVerb
{
    Copy,
    Backup,
    Restore,
}

/// <summary>One line of <c>storage VERB ...</c>, read.</summary>
internal sealed record StorageOrder(StorageVerb Verb, StorageIdentity Identity)
{
    private const string Usage = "usage: storage copy, storage backup or storage restore, with --from, --to and [--data DIR]";

    public StorageChoice? From { get; private init; }

    public StorageChoice? To { get; private init; }

    /// <summary>The archive, as a whole path.</summary>
    public string? File { get; private init; }

    public bool WithKeys { get; private init; } = true;

    /// <summary>The restored installation takes the place of the one that the backup was taken of.</summary>
    public bool KeepsInstallation { get; private init; }

    /// <summary>Setting <c>Installation:Name</c>.</summary>
    public string Installation { get; private init; } = "";

    public static bool TryRead(string[] args, [NotNullWhen(true)] out StorageOrder? order, [NotNullWhen(false)] out string? fault)
    {
        (order, fault) = (null, Usage);
        if (args is not ["storage", var name, ..] || !Enum.TryParse<StorageVerb>(name, ignoreCase: true, out var verb) || int.TryParse(name, out _)) return false;
        fault = UsageOf(verb);
        if (!TryReadOptions(verb, args.AsSpan(2), out var options) || options.GetValueOrDefault("--from") is not { } from || options.GetValueOrDefault("--to") is not { } to) return false;

        StorageKind? source = null, target = null;
        if (verb != StorageVerb.Restore && !TryReadKind(from, out source)) return false;
        if (verb != StorageVerb.Backup && !TryReadKind(to, out target)) return false;
        if (verb == StorageVerb.Copy && source == target)
        {
            fault = "a copy goes from one kind of storage to another";
            return false;
        }

        var configuration = SiloSettings.Configuration();
        var directory = Path.GetFullPath(options.GetValueOrDefault("--data") ?? configuration["Data"] ?? "./data");
        StorageSettings? first = null, second = null;
        if (source is { } read && !StorageSettings.TryRead(configuration, read, isClient: false, out first, out fault)) return false;
        if (target is { } written && !StorageSettings.TryRead(configuration, written, isClient: false, out second, out fault)) return false;
        var settings = (first ?? second)!;
        order = new StorageOrder(verb, new StorageIdentity(settings.ServiceId, settings.ClusterId))
        {
            From = first is null ? null : first.Choice with { DataDirectory = directory },
            To = second is null ? null : second.Choice with { DataDirectory = directory },
            File = verb == StorageVerb.Copy ? null : Path.GetFullPath(verb == StorageVerb.Backup ? to : from),
            WithKeys = !options.ContainsKey("--without-keys"),
            Installation = SiloSettings.InstallationOf(configuration),
            KeepsInstallation = options.ContainsKey("--keep-installation-id"),
        };
        return true;
    }

    private static string UsageOf(StorageVerb verb) => verb switch
    {
        StorageVerb.Backup => "usage: storage backup --from KIND --to FILE [--data DIR] [--without-keys], with Embedded, AzureStorage or Redis as kind",
        StorageVerb.Restore => "usage: storage restore --from FILE --to KIND [--data DIR] [--keep-installation-id], with Embedded, AzureStorage or Redis as kind",
        _ => "usage: storage copy --from KIND --to KIND [--data DIR], with Embedded, AzureStorage or Redis as kinds",
    };

    private static bool TryReadKind(string text, out StorageKind? kind)
    {
        var isKind = StorageSettings.TryReadKind(text, out var read);
        kind = read;
        return isKind;
    }

    /// <summary>Each option once, and only those of the verb.</summary>
    private static bool TryReadOptions(StorageVerb verb, ReadOnlySpan<string> args, out Dictionary<string, string> options)
    {
        options = [];
        for (var i = 0; i < args.Length; i++)
        {
            var option = args[i];
            if (option == "--without-keys" && verb == StorageVerb.Backup || option == "--keep-installation-id" && verb == StorageVerb.Restore)
            {
                if (!options.TryAdd(option, "")) return false;
                continue;
            }
            if (option is not ("--from" or "--to" or "--data") || ++i >= args.Length || !options.TryAdd(option, args[i])) return false;
        }
        return true;
    }
}
