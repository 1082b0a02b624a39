using System.Diagnostics.CodeAnalysis;
using GitOpsGrains.Grains.Catalog;
using GitOpsGrains.Storage;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Silo.Configuration;

/// <summary><c>storage copy --from KIND --to KIND [--data DIR]</c>: all data from one kind of storage to another, with the silos stopped.</summary>
internal static class StorageCommand
{
    private const string Usage = "usage: storage copy --from KIND --to KIND [--data DIR], with Embedded, AzureStorage or Redis as kinds";

    public static bool IsAsked(string[] args) => args is ["storage", ..];

    /// <summary>The exit code: 0 copied, 1 failed, 2 bad usage.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (!TryRead(args, out var plan, out var fault))
        {
            await Console.Error.WriteLineAsync($"error: {fault}");
            return 2;
        }

        try
        {
            await using var copy = await StorageCopy.OpenAsync(plan.From, plan.To, plan.Settings.ServiceId, plan.Settings.ClusterId, StateRecords.ListAsync, TimeProvider.System, cancellationToken);
            Console.WriteLine($"Copying from {plan.From.Kind} to {plan.To.Kind}");
            var result = await copy.RunAsync(cancellationToken);
            Console.WriteLine($"Copied and compared: {result.Records} states of grains, {result.ManifestRecords} records of manifest sets, {result.Reminders} reminders, {result.Bytes} bytes, digest {result.Digest}");
            Console.WriteLine("Start silos on one of the two storages only: they are the same installation.");
            return 0;
        }
        catch (Exception cause) when (cause is StorageCopyException or StorageSettingsException or StorageUnavailableException or EmbeddedStorageException or DataDirectoryInUseException)
        {
            await Console.Error.WriteLineAsync($"error: {cause.Message}");
            return 1;
        }
    }

    private static bool TryRead(string[] args, [NotNullWhen(true)] out Plan? plan, [NotNullWhen(false)] out string? fault)
    {
        (plan, fault) = (null, Usage);
        if (args is not ["storage", "copy", ..]) return false;
        string? data = null;
        StorageKind? from = null, to = null;
        for (var i = 2; i < args.Length; i += 2)
        {
            if (i + 1 >= args.Length) return false;
            if (args[i] == "--data") data = args[i + 1];
            else if (args[i] is not ("--from" or "--to") || !StorageSettings.TryReadKind(args[i + 1], out var kind)) return false;
            else if (args[i] == "--from") from = kind;
            else to = kind;
        }

        if (from is not { } source || to is not { } target) return false;
        if (source == target)
        {
            fault = "a copy goes from one kind of storage to another";
            return false;
        }

        var configuration = SiloSettings.Configuration();
        var directory = Path.GetFullPath(data ?? configuration["Data"] ?? "./data");
        if (!StorageSettings.TryRead(configuration, source, isClient: false, out var settings, out fault) || !StorageSettings.TryRead(configuration, target, isClient: false, out var other, out fault)) return false;
        plan = new Plan(settings.Choice with { DataDirectory = directory }, other.Choice with { DataDirectory = directory }, settings);
        return true;
    }

    private sealed record Plan(StorageChoice From, StorageChoice To, StorageSettings Settings);
}
