using System.Globalization;
using GitOpsGrains.Storage.Sqlite;
using GitOpsGrains.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GitOpsGrains.Storage.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private const string Insert =
        "INSERT INTO grain_state (grain_id, state_name, service_id, etag, data) VALUES (?1, 'n', 's', 'e', ?2)";
    private const string Count = "SELECT count(*) FROM grain_state";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_FileOfANewerProgram_SaysSo()
    {
        await using (await OpenAsync()) { }
        await ExecuteAsync("UPDATE schema_version SET version = 999");
        var error = await Assert.ThrowsAsync<EmbeddedStorageException>(() => OpenAsync());
        Assert.Equal(EmbeddedStorageFault.SchemaTooNew, error.Fault);
        Assert.Contains("999", error.Message, StringComparison.Ordinal);
        Assert.Contains(_directory["test.db"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DatabaseOfAnotherProgram_IsRefusedAndUntouched()
    {
        await ExecuteAsync("CREATE TABLE precious (a)");
        var error = await Assert.ThrowsAsync<EmbeddedStorageException>(() => OpenAsync());
        Assert.Equal(EmbeddedStorageFault.ForeignFile, error.Fault);
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task Open_FileThatIsNoDatabase_IsCorrupt()
    {
        await File.WriteAllTextAsync(_directory["test.db"], new string('x', 5000));
        var error = await Assert.ThrowsAsync<EmbeddedStorageException>(() => OpenAsync());
        Assert.Equal(EmbeddedStorageFault.Corrupt, error.Fault);
    }

    [Fact]
    public async Task Open_Again_KeepsSchemaAndRows()
    {
        await using (var first = await OpenAsync()) await InsertAsync(first, "a");
        await using var second = await OpenAsync();
        Assert.Equal(1L, await CountAsync(second));
        Assert.Equal((long)SqliteSchema.CurrentVersion, await second.ReadAsync(
            session => session.First("SELECT version FROM schema_version", row => row.GetInt64(0)), default));
    }

    [Fact]
    public async Task Open_NewFile_IsTheOwnersAloneAndFlushesEachCommit()
    {
        await using var database = await OpenAsync();
        await InsertAsync(database, "a");
        var settings = await database.WriteAsync(
            session => (session.First("PRAGMA synchronous", row => row.GetInt64(0)), session.First("PRAGMA journal_mode", row => row.GetString(0))),
            0, default);
        Assert.Equal((2L, "wal"), settings);
        foreach (var file in Directory.GetFiles(_directory.Path)) FileModes.ExpectOwnerOnly(file);
    }

    [Fact]
    public async Task Write_Acknowledged_WasCommittedBefore()
    {
        await using var database = await OpenAsync();
        await using var other = Connect();
        await using var command = other.CreateCommand();
        command.CommandText = Count;
        for (var i = 1L; i <= 1000; i++)
        {
            await InsertAsync(database, $"row-{i}");
            Assert.Equal(i, command.ExecuteScalar());
        }
    }

    [Fact]
    public async Task Write_OneFaultInAGroup_FailsOnlyItsOwner()
    {
        await using var database = await OpenAsync();
        var gathered = Gather(database, out var release);
        var good = Enumerable.Range(0, 50).Select(i => InsertAsync(database, $"good-{i}")).ToArray();
        var bad = database.WriteAsync(session => session.Execute("INSERT INTO no_such_table VALUES (1)"), 0, default);
        var thrown = database.WriteAsync<int>(_ => throw new FormatException("own"), 0, default);
        var after = InsertAsync(database, "after");
        release();
        await gathered;
        Assert.Equal(EmbeddedStorageFault.Refused, (await Assert.ThrowsAsync<EmbeddedStorageException>(() => bad)).Fault);
        await Assert.ThrowsAsync<FormatException>(() => thrown);
        await Task.WhenAll([.. good, after]);
        Assert.Equal(51L, await CountAsync(database));
    }

    [Fact]
    public async Task Write_WithoutRoom_IsRefusedAndGoesOnWhenThereIsRoom()
    {
        await using var database = await OpenAsync(maxPages: 40);
        var stored = 0;
        var error = await Assert.ThrowsAsync<EmbeddedStorageException>(async () =>
        {
            for (; ; stored++) await InsertAsync(database, $"row-{stored}", 10_000);
        });
        Assert.Equal(EmbeddedStorageFault.Full, error.Fault);
        Assert.InRange(stored, 1, 20);
        Assert.Equal(stored, await CountAsync(database));

        Assert.Contains("no room left", database.Fault?.Sentence, StringComparison.Ordinal);
        Assert.False(database.Fault?.NeedsRestart);

        await database.WriteAsync(session => session.Execute("DELETE FROM grain_state"), 0, default);
        await InsertAsync(database, "again", 10_000);
        Assert.Null(database.Fault);
        Assert.Equal(1L, await CountAsync(database));
    }

    [Fact]
    public async Task Fault_OfADatabaseThatNobodyWritesTo_GoesWhenThereIsRoom()
    {
        await using var database = await OpenAsync(lockTimeout: TimeSpan.FromSeconds(1));
        await using (var other = Connect())
        {
            await ExecuteAsync(other, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(database, "blocked"));
            Assert.Contains("another program holds a lock", database.Fault?.Sentence, StringComparison.Ordinal);
            await ExecuteAsync(other, "ROLLBACK");
        }

        await Eventually.TrueAsync(() => database.Fault is null, "a write that was tried by itself");
        Assert.Equal(0L, await CountAsync(database));
    }

    [Fact]
    public async Task Fault_OfOneWriteAlone_IsNone()
    {
        await using var database = await OpenAsync();
        await Assert.ThrowsAsync<EmbeddedStorageException>(() => database.WriteAsync(session => session.Execute("INSERT INTO no_such_table VALUES (1)"), 0, default));
        Assert.Null(database.Fault);
    }

    [Fact]
    public async Task Write_WithoutRoomInAGroup_AcknowledgesExactlyWhatIsStored()
    {
        await using var database = await OpenAsync(maxPages: 60);
        var gathered = Gather(database, out var release);
        var writes = Enumerable.Range(0, 60).Select(i => InsertAsync(database, $"row-{i}", 10_000)).ToArray();
        release();
        await gathered;
        var outcomes = await Task.WhenAll(writes.Select(write => Record.ExceptionAsync(() => write).AsTask()));
        var acknowledged = outcomes.Count(outcome => outcome is null);
        Assert.InRange(acknowledged, 1, 59);
        Assert.All(outcomes.OfType<Exception>(), outcome => Assert.Equal(EmbeddedStorageFault.Full, Assert.IsType<EmbeddedStorageException>(outcome).Fault));
        Assert.Equal(acknowledged, await CountAsync(database));
    }

    [Fact]
    public async Task Write_IntoADamagedFile_IsRefusedFromThenOn()
    {
        await using (var database = await OpenAsync())
            for (var i = 0; i < 200; i++) await InsertAsync(database, $"row-{i}", 3000);
        using (var file = File.OpenWrite(_directory["test.db"]))
        {
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray());
        }

        var first = await Record.ExceptionAsync(async () =>
        {
            await using var damaged = await OpenAsync();
            var error = await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(damaged, "new"));
            var later = await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(damaged, "later"));
            Assert.Equal(EmbeddedStorageFault.Corrupt, later.Fault);
            throw error;
        });
        Assert.Equal(EmbeddedStorageFault.Corrupt, Assert.IsType<EmbeddedStorageException>(first).Fault);
    }

    [Fact]
    public async Task Write_ManyAtOnce_GoInGroups()
    {
        await using var database = await OpenAsync();
        var commits = 0L;
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "gitopsgrains.storage.operations") self.EnableMeasurementEvents(instrument);
        };
        var largest = 0L;
        listener.SetMeasurementEventCallback<long>((_, count, _, _) =>
        {
            Interlocked.Increment(ref commits);
            if (count > Interlocked.Read(ref largest)) Interlocked.Exchange(ref largest, count);
        });
        listener.Start();
        var gathered = Gather(database, out var release);
        var writes = Enumerable.Range(0, 600).Select(i => InsertAsync(database, $"row-{i}")).ToArray();
        release();
        await gathered;
        await Task.WhenAll(writes);
        Assert.Equal(256L, largest);
    }

    [Fact]
    public async Task Write_CancelledBeforeItsTurn_IsNotDone()
    {
        await using var database = await OpenAsync();
        using var cancellation = new CancellationTokenSource();
        var gathered = Gather(database, out var release);
        var write = database.WriteAsync(session => session.Execute(Insert, "never", Array.Empty<byte>()), 0, cancellation.Token);
        await cancellation.CancelAsync();
        release();
        await gathered;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal(0L, await CountAsync(database));
    }

    [Fact]
    public async Task Write_MoreThanTheQueueHolds_WaitsAndIsDone()
    {
        await using var database = await OpenAsync(queue: 4);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => InsertAsync(database, $"row-{i}")));
        Assert.Equal(200L, await CountAsync(database));
    }

    [Fact]
    public async Task Close_WithQueuedWrites_FinishesThemAndLeavesOneFile()
    {
        var database = await OpenAsync();
        var writes = Enumerable.Range(0, 500).Select(i => InsertAsync(database, $"row-{i}")).ToArray();
        await database.CloseAsync();
        await Task.WhenAll(writes);
        Assert.Equal([_directory["test.db"]], Directory.GetFiles(_directory.Path));
        Assert.Equal(500L, await ScalarAsync(Count));
        Assert.Equal(EmbeddedStorageFault.Closed, (await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(database, "late"))).Fault);
        await database.CloseAsync();
    }

    [Fact]
    public async Task Write_BeforeOpen_SaysSo()
    {
        await using var database = New();
        Assert.Equal(EmbeddedStorageFault.Closed, (await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(database, "early"))).Fault);
    }

    [Fact]
    public async Task Write_WhileAnotherProgramHoldsTheLock_IsBusyThenGoesOn()
    {
        await using var database = await OpenAsync(lockTimeout: TimeSpan.FromSeconds(1));
        await using (var other = Connect())
        {
            await ExecuteAsync(other, "BEGIN IMMEDIATE");
            var error = await Assert.ThrowsAsync<EmbeddedStorageException>(() => InsertAsync(database, "blocked"));
            Assert.Equal(EmbeddedStorageFault.Busy, error.Fault);
            await ExecuteAsync(other, "ROLLBACK");
        }

        await InsertAsync(database, "free");
        Assert.Equal(1L, await CountAsync(database));
    }

    /// <summary>Occupies the writer until released, so that what is queued meanwhile goes into one group.</summary>
    private static Task<int> Gather(SqliteDatabase database, out Action release)
    {
        var (entered, leave) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        var task = database.WriteAsync(
            _ =>
            {
                entered.Set();
                leave.Wait();
                return 0;
            },
            0, default);
        entered.Wait();
        release = leave.Set;
        return task;
    }

    private static Task<int> InsertAsync(SqliteDatabase database, string id, int bytes = 100) =>
        database.WriteAsync(session => session.Execute(Insert, id, new byte[bytes]), bytes, default);

    private static Task<long> CountAsync(SqliteDatabase database) =>
        database.ReadAsync(session => session.First(Count, row => row.GetInt64(0)), default);

    private SqliteDatabase New(long? maxPages = null, int queue = 4096, TimeSpan? lockTimeout = null) => new(
        new SqliteDatabaseOptions
        {
            Path = _directory["test.db"], MaxPages = maxPages, QueueCapacity = queue, LockTimeout = lockTimeout ?? TimeSpan.FromSeconds(5),
        },
        TimeProvider.System, NullLogger.Instance);

    private async Task<SqliteDatabase> OpenAsync(long? maxPages = null, int queue = 4096, TimeSpan? lockTimeout = null)
    {
        var database = New(maxPages, queue, lockTimeout);
        await database.OpenAsync(default);
        return database;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_directory["test.db"]};Pooling=False");
        connection.Open();
        return connection;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = Connect();
        await ExecuteAsync(connection, sql);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = Connect();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
