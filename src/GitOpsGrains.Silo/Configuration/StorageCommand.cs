using System.Runtime.InteropServices;
using GitOpsGrains.Grains.Catalog;
using GitOpsGrains.Storage;
using GitOpsGrains.Storage.Backup;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>The verbs <c>storage copy</c>, <c>storage backup</c> and <c>storage restore</c> of the silo's program.</summary>
internal static class StorageCommand
{
    private const string InstallationType = "installation";

    public static bool IsAsked(string[] args) => args is ["storage", ..];

    /// <summary>Ends on SIGINT and SIGTERM with what it unpacked taken away.</summary>
    public static async Task<int> RunUntilSignalAsync(string[] args)
    {
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            return await RunAsync(args, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("error: interrupted");
            return 1;
        }

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <summary>The exit code: 0 done, 1 failed, 2 bad usage.</summary>
    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (!StorageOrder.TryRead(args, out var order, out var fault))
        {
            await Console.Error.WriteLineAsync($"error: {fault}");
            return 2;
        }

        try
        {
            await (order.Verb switch
            {
                StorageVerb.Copy => CopyAsync(order, cancellationToken),
                StorageVerb.Backup => BackUpAsync(order, cancellationToken),
                _ => RestoreAsync(order, cancellationToken),
            });
            return 0;
        }
        catch (Exception cause) when (cause is StorageCopyException or StorageSettingsException or StorageUnavailableException or EmbeddedStorageException or DataDirectoryInUseException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {cause.Message}");
            return 1;
        }
    }

    private static async Task CopyAsync(StorageOrder order, CancellationToken cancellationToken)
    {
        await using var copy = await StorageCopy.OpenAsync(order.From!, order.To!, order.Identity, StateRecords.ListAsync, TimeProvider.System, cancellationToken);
        Console.WriteLine($"Copying from {order.From!.Kind} to {order.To!.Kind}");
        Say("Copied and compared", await copy.RunAsync(isLive: false, cancellationToken));
        Console.WriteLine("Start silos on one of the two storages only: they are the same installation.");
    }

    private static async Task BackUpAsync(StorageOrder order, CancellationToken cancellationToken)
    {
        var taken = await StorageBackup.TakeAsync(order.From!, order.File!, order.WithKeys, order.Identity, StateRecords.ListAsync, TimeProvider.System, cancellationToken);
        Say($"Written to {order.File}", new CopyResult(taken.States, taken.ManifestRecords, taken.Reminders, taken.Bytes, taken.Digest));
        Console.WriteLine(taken.HasKeys
            ? "The archive holds the keys that open what is stored: keep it as you keep a secret."
            : "The keys are not in the archive: keep the key directory too, without it nothing can be restored.");
    }

    private static async Task RestoreAsync(StorageOrder order, CancellationToken cancellationToken)
    {
        RecordList wanted = order.KeepsInstallation ? StateRecords.ListAsync : WithoutInstallation;
        Say($"Restored to {order.To!.Kind} and compared",
            await StorageBackup.RestoreAsync(order.File!, order.To, order.Identity, wanted, StateRecords.ListAsync, SameName(order.Installation), TimeProvider.System, cancellationToken));
        Console.WriteLine(order.KeepsInstallation
            ? "It is the same installation: never start what the backup was taken of beside it."
            : "It is a new installation: it writes to no cluster before 'gitopsctl cluster takeover NAME', so that what the backup was taken of may still run.");
    }

    /// <summary>An installation of another name takes none of the objects for its own that the backup says it manages, and the Leases in the clusters do not hold it off.</summary>
    private static RecordCheck SameName(string configured) => async (storage, cancellationToken) =>
        await StateRecords.InstallationOfAsync(storage, cancellationToken) is { } stored && stored != configured
            ? $"the backup is of the installation '{stored}', the setting Installation:Name says '{configured}'; restore it under its own name (GITOPSGRAINS__Installation__Name={stored}), since every managed object carries that"
            : null;

    /// <summary>Without its random id the installation gets another one, and the Leases in the clusters are not its own.</summary>
    private static IAsyncEnumerable<(string State, GrainId Grain)> WithoutInstallation(Orleans.Storage.IGrainStorage storage, CancellationToken cancellationToken) =>
        StateRecords.ListAsync(storage, cancellationToken).Where(record => record.Grain.Type.ToString() != InstallationType);

    private static void Say(string what, CopyResult result) =>
        Console.WriteLine($"{what}: {result.Records} states of grains, {result.ManifestRecords} records of manifest sets, {result.Reminders} reminders, {result.Bytes} bytes, digest {result.Digest}");
}
