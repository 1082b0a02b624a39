namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>What Orleans asks of a reminder table, whatever the backend.</summary>
public abstract class ReminderTableConformance : IAsyncLifetime
{
    private const string AwkwardName = "foo/bar\\#b_a_z?";
    private IReminderTable _table = null!;

    protected abstract Task<IReminderTable> OpenAsync();

    /// <summary>Another service's table over the same storage.</summary>
    protected abstract Task<IReminderTable> OpenOtherServiceAsync();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync()
    {
        _table = await OpenAsync();
        await _table.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _table.TestOnlyClearTable();
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Upsert_ThenRead_GivesTheSameReminder()
    {
        var entry = New(NewId(), AwkwardName);
        var etag = await _table.UpsertRow(entry);
        var read = await _table.ReadRow(entry.GrainId, AwkwardName);
        Assert.NotNull(read);
        Assert.NotNull(etag);
        Assert.Equal(etag, read.ETag);
        Assert.Equal(entry.GrainId, read.GrainId);
        Assert.Equal(AwkwardName, read.ReminderName);
        Assert.Equal(entry.StartAt, read.StartAt);
        Assert.Equal(entry.Period, read.Period);
    }

    [Fact]
    public async Task Upsert_Again_ReplacesWithoutAskingForTheEtag()
    {
        var entry = New(NewId(), "check");
        var first = await _table.UpsertRow(entry);
        entry.ETag = "stale";
        entry.Period = TimeSpan.FromMinutes(7);
        var second = await _table.UpsertRow(entry);
        Assert.NotEqual(first, second);
        var rows = (await _table.ReadRows(entry.GrainId)).Reminders;
        Assert.Equal(TimeSpan.FromMinutes(7), Assert.Single(rows).Period);
    }

    [Fact]
    public async Task Upsert_InParallel_GivesDistinctEtags()
    {
        var entry = New(NewId(), "parallel");
        var etags = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => _table.UpsertRow(entry))));
        Assert.Equal(10, etags.Distinct().Count());
        Assert.Contains((await _table.ReadRow(entry.GrainId, "parallel"))!.ETag, etags);
    }

    [Fact]
    public async Task ReadRow_Absent_IsNull() => Assert.Null(await _table.ReadRow(NewId(), "absent"));

    [Fact]
    public async Task ReadRows_OfAGrain_GivesItsRemindersOnly()
    {
        var (one, two) = (NewId(), NewId());
        await _table.UpsertRow(New(one, "a"));
        await _table.UpsertRow(New(one, "b"));
        await _table.UpsertRow(New(two, "a"));
        var rows = (await _table.ReadRows(one)).Reminders;
        Assert.Equal(["a", "b"], rows.Select(row => row.ReminderName).Order());
        Assert.All(rows, row => Assert.Equal(one, row.GrainId));
        Assert.Empty((await _table.ReadRows(NewId())).Reminders);
    }

    [Fact]
    public async Task Remove_OnlyWithTheCurrentEtagAndName()
    {
        var entry = New(NewId(), AwkwardName);
        var first = await _table.UpsertRow(entry);
        var second = await _table.UpsertRow(entry);
        Assert.False(await _table.RemoveRow(entry.GrainId, AwkwardName, first!));
        Assert.False(await _table.RemoveRow(entry.GrainId, "another", second!));
        Assert.False(await _table.RemoveRow(NewId(), AwkwardName, second!));
        Assert.True(await _table.RemoveRow(entry.GrainId, AwkwardName, second!));
        Assert.False(await _table.RemoveRow(entry.GrainId, AwkwardName, second!));
        Assert.Null(await _table.ReadRow(entry.GrainId, AwkwardName));
    }

    [Fact]
    public async Task ReadRows_OfARange_IsOpenBelowClosedAboveAndWraps()
    {
        var ids = Enumerable.Range(0, 200).Select(_ => NewId()).ToArray();
        await Task.WhenAll(ids.Select(id => _table.UpsertRow(New(id, "range"))));
        var hashes = ids.Select(id => id.GetUniformHashCode()).Order().ToArray();

        await ExpectAsync(0, uint.MaxValue);
        await ExpectAsync(0, 0);
        await ExpectAsync(hashes[10], hashes[10]);
        await ExpectAsync(uint.MaxValue, 0);
        await ExpectAsync(hashes[3], hashes[60]);
        await ExpectAsync(hashes[60], hashes[3]);
        await ExpectAsync(hashes[3] - 1, hashes[3]);
        var random = new Random(4711);
        for (var i = 0; i < 50; i++) await ExpectAsync((uint)random.NextInt64(1L << 32), (uint)random.NextInt64(1L << 32));

        async Task ExpectAsync(uint begin, uint end)
        {
            var expected = hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end);
            var found = (await _table.ReadRows(begin, end)).Reminders.Select(row => row.GrainId.GetUniformHashCode());
            Assert.Equal(expected, found.Order());
        }
    }

    [Fact]
    public async Task Services_OverOneStorage_AreApart()
    {
        var other = await OpenOtherServiceAsync();
        var entry = New(NewId(), "shared");
        await _table.UpsertRow(entry);
        Assert.Null(await other.ReadRow(entry.GrainId, "shared"));
        Assert.Empty((await other.ReadRows(0, 0)).Reminders);
        await other.TestOnlyClearTable();
        Assert.NotNull(await _table.ReadRow(entry.GrainId, "shared"));
    }

    private static GrainId NewId() => GrainId.Create("gogtest", $"team/foo\\#ba_z?{Guid.NewGuid():N}");

    private static ReminderEntry New(GrainId id, string name) => new()
    {
        GrainId = id,
        ReminderName = name,
        // Azure's layout keeps milliseconds.
        StartAt = new DateTime(2026, 11, 23, 10, 20, 30, 456, DateTimeKind.Utc),
        Period = TimeSpan.FromMinutes(3),
    };
}
