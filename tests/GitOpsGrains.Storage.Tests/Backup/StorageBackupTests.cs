using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using GitOpsGrains.Storage.Backup;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Tests.Conformance;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Backup;

/// <summary>Archives of real storages, with records that the test names.</summary>
public sealed class StorageBackupTests : IDisposable
{
    private const int Records = 30;

    private readonly TemporaryDirectory _folder = new();
    private readonly string _service = SharedStorage.NewServiceId();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Archive => _folder["backup.tgz"];

    private StorageChoice Source => new() { DataDirectory = _folder["data"] };

    private StorageChoice Other => new() { DataDirectory = _folder["other"] };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(StorageKind.Embedded, StorageKind.AzureStorage)]
    [InlineData(StorageKind.AzureStorage, StorageKind.Redis)]
    [InlineData(StorageKind.Redis, StorageKind.Embedded)]
    public async Task Backup_RestoredIntoAnotherKind_HasEverything(StorageKind from, StorageKind to)
    {
        var (source, target) = (await ChoiceAsync(from, Source), await ChoiceAsync(to, Other));
        var manifest = await FillAsync(source);

        var taken = await TakeAsync(source);
        var restored = await RestoreAsync(target);

        Assert.Equal((Records, 5, taken.Digest), (taken.States, taken.Reminders, restored.Digest));
        await using var opened = await SharedStorage.OpenAsync(target, _service);
        await opened.Reminders.StartAsync(Token);
        Assert.Equal("text 7", (await ReadAsync(opened.State, 7)).State!.Text);
        Assert.Equal("kind: Namespace"u8.ToArray(), (await opened.Manifests.GetAsync(manifest, Token))!.Value.ToArray());
        Assert.Equal(TimeSpan.FromMinutes(3), (await opened.Reminders.ReadRow(Id(3), "check", Token))!.Period);
        Assert.Equal([Archive], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Archive)!, "backup*"));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
    }

    [Theory]
    [InlineData(StorageKind.Embedded)]
    [InlineData(StorageKind.Redis)]
    public async Task Backup_WhileOthersWrite_IsWhole(StorageKind kind)
    {
        var source = await ChoiceAsync(kind, Source);
        await FillAsync(source);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var running = await SharedStorage.OpenAsync(source, _service);
        var written = 0;
        var writing = Task.Run(async () =>
        {
            var record = await ReadAsync(running.State, 1);
            for (; !stopping.IsCancellationRequested; written++)
            {
                record.State = new ConformanceState { Number = 1, Text = $"again {written}" };
                await running.State.WriteStateAsync("copied", Id(1), record, CancellationToken.None);
            }
        }, Token);
        await Testing.Eventually.TrueAsync(() => Task.FromResult(written > 10), "writes", TimeSpan.FromSeconds(20));

        var taken = await TakeAsync(source);
        var during = written;
        await Testing.Eventually.TrueAsync(() => Task.FromResult(written > during), "writes after the backup", TimeSpan.FromSeconds(20));
        await stopping.CancelAsync();
        await writing;
        var restored = await RestoreAsync(Other);

        Assert.Equal((taken.Digest, Records), (restored.Digest, restored.Records));
        await using var opened = await SharedStorage.OpenAsync(Other, _service);
        Assert.StartsWith("again ", (await ReadAsync(opened.State, 1)).State!.Text, StringComparison.Ordinal);
    }

    /// <summary>The catalog is read for the list, and copied later: another record of it comes or goes in between.</summary>
    [Theory]
    [InlineData(StorageKind.AzureStorage, -1)]
    [InlineData(StorageKind.AzureStorage, 2)]
    [InlineData(StorageKind.Redis, -1)]
    [InlineData(StorageKind.Redis, 2)]
    public async Task Backup_CatalogThatChangesAfterItWasListed_HasWhatItNamesInTheEnd(StorageKind kind, int more)
    {
        const int named = 10;
        var source = await ChoiceAsync(kind, Source);
        await using var running = await SharedStorage.OpenAsync(source, _service);
        await running.Reminders.StartAsync(Token);
        for (var number = 1; number <= named; number++) await WriteAsync(running.State, number, number);
        await WriteAsync(running.State, 0, named);
        var hasChanged = false;

        await StorageBackup.TakeAsync(source, Archive, withKeys: true, Identity, NamedAsync, TimeProvider.System, Token);
        var restored = await StorageBackup.RestoreAsync(Archive, Other, Identity, NamedAsync, NamedAsync, Nothing, TimeProvider.System, Token);

        Assert.True(hasChanged);
        Assert.Equal(1 + named + more, restored.Records);
        await using var opened = await SharedStorage.OpenAsync(Other, _service);
        for (var number = 1; number <= named + more; number++) Assert.Equal(number, (await ReadAsync(opened.State, number)).State!.Number);

        async IAsyncEnumerable<(string State, GrainId Grain)> NamedAsync(IGrainStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return ("copied", Id(0));
            var catalog = (await ReadAsync(storage, 0)).State?.Number ?? 0;
            for (var number = 1; number <= catalog; number++) yield return ("copied", Id(number));
            if (catalog == 0 || hasChanged) yield break;
            hasChanged = true;
            for (var number = named + 1; number <= named + more; number++) await WriteAsync(running.State, number, number);
            await WriteAsync(running.State, 0, named + more);
        }
    }

    [Fact]
    public async Task Restore_OfDamagedArchives_IsRefusedAndWritesNothing()
    {
        await FillAsync(Source);
        await TakeAsync(Source);
        var whole = await File.ReadAllBytesAsync(Archive, Token);

        await File.WriteAllBytesAsync(Archive, whole[..(whole.Length / 2)], Token);
        await RefusedAsync("can't be read");
        await File.WriteAllTextAsync(Archive, "no archive", Token);
        await RefusedAsync("can't be read");
        await PackAsync(("state.db", [1, 2, 3]));
        await RefusedAsync("is no backup of this program");
        await PackAsync(("backup.json", """{"format": 2}"""u8.ToArray()));
        await RefusedAsync("is of format 2");
        await PackAsync(("backup.json", """{"format": 1}"""u8.ToArray()), ("../outside", [1]));
        await RefusedAsync("holds '../outside', which no backup does");
        await PackAsync(("backup.json", """{"format": 1}"""u8.ToArray()), ("keys/../../outside.xml", [1]));
        await RefusedAsync("which no backup does");
        Assert.False(Directory.Exists(Other.DataDirectory));
        Assert.False(File.Exists(_folder["outside"]));
    }

    [Fact]
    public async Task Restore_OfAnArchiveThatLacksARecord_IsRefused()
    {
        await FillAsync(Source);
        var taken = await TakeAsync(Source);
        var parts = Directory.CreateDirectory(_folder["parts"]).FullName;
        await using (var file = File.OpenRead(Archive))
        await using (var packed = new GZipStream(file, CompressionMode.Decompress)) await TarFile.ExtractToDirectoryAsync(packed, parts, overwriteFiles: true, Token);
        await using (var storage = await SharedStorage.OpenAsync(new StorageChoice { DataDirectory = parts }, _service))
        {
            var record = await ReadAsync(storage.State, 9);
            await storage.State.ClearStateAsync("copied", Id(9), record, Token);
        }
        await using (var file = File.Create(Archive))
        await using (var packed = new GZipStream(file, CompressionLevel.Fastest))
        await using (var writer = new TarWriter(packed))
            foreach (var name in new[] { "backup.json", "state.db", "manifests.db" }) await writer.WriteEntryAsync(Path.Combine(parts, name), name, Token);

        await RefusedAsync($"is damaged: it holds {Records - 1} states");
        Assert.Equal(Records, taken.States);
    }

    [Fact]
    public async Task Backup_WithoutKeys_RestoresOnlyWhereTheKeysAre()
    {
        await FillAsync(Source);
        await TakeAsync(Source, withKeys: false);
        await RefusedAsync("are not those that the data was stored with");
        Directory.Delete(Other.DataDirectory, recursive: true);

        Directory.CreateDirectory(Path.Combine(Other.DataDirectory, "keys"));
        foreach (var key in Directory.EnumerateFiles(Path.Combine(Source.DataDirectory, "keys"))) File.Copy(key, Path.Combine(Other.DataDirectory, "keys", Path.GetFileName(key)));
        Assert.Equal(Records, (await RestoreAsync(Other)).Records);
    }

    [Fact]
    public async Task Backup_ThatCannotBeTakenOrRestored_SaysWhy()
    {
        await RefusedAsync(() => TakeAsync(Source), "there is no data in");
        await FillAsync(Source);
        await TakeAsync(Source);
        await RefusedAsync(() => TakeAsync(Source), "exists already");
        await RefusedAsync(() => StorageBackup.TakeAsync(Source, Path.Combine(Archive, "in-a-file"), true, Identity, ListAsync, TimeProvider.System, Token), "no directory can be made beside");
        await RefusedAsync(() => StorageBackup.RestoreAsync(Archive, Other, new StorageIdentity("another", "another"), ListAsync, ListAsync, Nothing, TimeProvider.System, Token), "is of the service");
        await RefusedAsync(
            () => StorageBackup.RestoreAsync(Archive, Other, Identity, ListAsync, ListAsync, (_, _) => Task.FromResult<string?>("it is not wanted here"), TimeProvider.System, Token), "it is not wanted here");
        await RefusedAsync(() => RestoreAsync(Source), "has data already");
    }

    private StorageIdentity Identity => new(_service, _service);

    private Task<BackupDescription> TakeAsync(StorageChoice from, bool withKeys = true) =>
        StorageBackup.TakeAsync(from, Archive, withKeys, Identity, ListAsync, TimeProvider.System, Token);

    private static readonly RecordCheck Nothing = (_, _) => Task.FromResult<string?>(null);

    private Task<CopyResult> RestoreAsync(StorageChoice to) => StorageBackup.RestoreAsync(Archive, to, Identity, ListAsync, ListAsync, Nothing, TimeProvider.System, Token);

    private Task RefusedAsync(string reason) => RefusedAsync(() => RestoreAsync(Other), reason);

    private static async Task RefusedAsync(Func<Task> act, string reason) =>
        Assert.Contains(reason, (await Assert.ThrowsAsync<StorageCopyException>(act)).Message, StringComparison.Ordinal);

    private async Task PackAsync(params (string Name, byte[] Content)[] entries)
    {
        await using var file = File.Create(Archive);
        await using var packed = new GZipStream(file, CompressionLevel.Fastest);
        await using var writer = new TarWriter(packed);
        foreach (var (name, content) in entries)
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }, Token);
    }

    private static async Task<StorageChoice> ChoiceAsync(StorageKind kind, StorageChoice embedded) => kind switch
    {
        StorageKind.AzureStorage => await SharedStorage.AzureAsync(),
        StorageKind.Redis => await SharedStorage.RedisAsync(),
        _ => embedded,
    };

    private static GrainId Id(int number) => GrainId.Create("gogtest", $"team/app-{number}");

    private static async Task<GrainState<ConformanceState>> ReadAsync(IGrainStorage storage, int number)
    {
        var record = new GrainState<ConformanceState>();
        await storage.ReadStateAsync("copied", Id(number), record, Token);
        return record;
    }

    private static async Task WriteAsync(IGrainStorage storage, int id, int number)
    {
        var record = await ReadAsync(storage, id);
        record.State = new ConformanceState { Number = number };
        await storage.WriteStateAsync("copied", Id(id), record, Token);
    }

    private static async IAsyncEnumerable<(string State, GrainId Grain)> ListAsync(IGrainStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        // A name more than there are records.
        for (var number = 0; number <= Records; number++) yield return ("copied", Id(number));
    }

    private async Task<string> FillAsync(StorageChoice choice)
    {
        await using var storage = await SharedStorage.OpenAsync(choice, _service);
        await storage.Reminders.StartAsync(Token);
        for (var number = 0; number < Records; number++)
            await storage.State.WriteStateAsync("copied", Id(number), new GrainState<ConformanceState>(new ConformanceState { Number = number, Text = $"text {number}" }), Token);
        for (var number = 0; number < 5; number++)
            await storage.Reminders.UpsertRow(
                new ReminderEntry { GrainId = Id(number), ReminderName = "check", StartAt = new DateTime(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc), Period = TimeSpan.FromMinutes(3) }, Token);
        return await storage.Manifests.PutAsync("kind: Namespace"u8.ToArray(), Token);
    }
}
