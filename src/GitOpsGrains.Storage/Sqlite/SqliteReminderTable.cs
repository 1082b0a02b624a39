using Microsoft.Data.Sqlite;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>Reminders in an embedded database. An upsert never checks the etag, a removal does.</summary>
internal sealed class SqliteReminderTable(SqliteDatabase database, string serviceId) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, etag FROM reminders WHERE service_id = ?1";

    public Task<ReminderTableData> ReadRows(GrainId grainId) => ReadRows(grainId, CancellationToken.None);

    public async Task<ReminderTableData> ReadRows(GrainId grainId, CancellationToken cancellationToken)
    {
        var id = grainId.ToString();
        return new ReminderTableData(await database.ReadAsync(
            session => session.All($"{Columns} AND grain_id = ?2", Row, serviceId, id), cancellationToken));
    }

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => ReadRows(begin, end, CancellationToken.None);

    /// <summary>The rows with a hash in (begin, end]; from begin over the top to end when begin is not below end; all when they are equal.</summary>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end, CancellationToken cancellationToken)
    {
        const string within = $"{Columns} AND grain_hash > ?2 AND grain_hash <= ?3";
        const string around = $"{Columns} AND (grain_hash > ?2 OR grain_hash <= ?3)";
        var sql = begin < end ? within : around;
        return new ReminderTableData(await database.ReadAsync(
            session => session.All(sql, Row, serviceId, (long)begin, (long)end), cancellationToken));
    }

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        ReadRow(grainId, reminderName, CancellationToken.None);

    /// <summary>The row, or null when there is none.</summary>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName, CancellationToken cancellationToken)
    {
        var id = grainId.ToString();
        return await database.ReadAsync(
            session => session.First($"{Columns} AND grain_id = ?2 AND name = ?3", Row, serviceId, id, reminderName),
            cancellationToken);
    }

    public Task<string?> UpsertRow(ReminderEntry entry) => UpsertRow(entry, CancellationToken.None);

    public async Task<string?> UpsertRow(ReminderEntry entry, CancellationToken cancellationToken)
    {
        const string sql = """
            INSERT INTO reminders (service_id, grain_id, name, grain_hash, start_at, period, etag) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET grain_hash = ?4, start_at = ?5, period = ?6, etag = ?7
            """;
        var (id, name, hash) = (entry.GrainId.ToString(), entry.ReminderName, (long)entry.GrainId.GetUniformHashCode());
        var start = entry.StartAt.Kind == DateTimeKind.Local ? entry.StartAt.ToUniversalTime() : entry.StartAt;
        var (startTicks, periodTicks, etag) = (start.Ticks, entry.Period.Ticks, database.NextEtag());
        return await database.WriteAsync(
            session =>
            {
                session.Execute(sql, serviceId, id, name, hash, startTicks, periodTicks, etag);
                return etag;
            },
            0, cancellationToken);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        RemoveRow(grainId, reminderName, eTag, CancellationToken.None);

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag, CancellationToken cancellationToken)
    {
        const string sql = "DELETE FROM reminders WHERE service_id = ?1 AND grain_id = ?2 AND name = ?3 AND etag = ?4";
        var id = grainId.ToString();
        return await database.WriteAsync(
            session => session.Execute(sql, serviceId, id, reminderName, eTag) == 1, 0, cancellationToken);
    }

    public Task TestOnlyClearTable() => TestOnlyClearTable(CancellationToken.None);

    public Task TestOnlyClearTable(CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute("DELETE FROM reminders WHERE service_id = ?1", serviceId), 0, cancellationToken);

    private static ReminderEntry Row(SqliteDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0), null),
        ReminderName = row.GetString(1),
        StartAt = new DateTime(row.GetInt64(2), DateTimeKind.Utc),
        Period = TimeSpan.FromTicks(row.GetInt64(3)),
        ETag = row.GetString(4),
    };
}
