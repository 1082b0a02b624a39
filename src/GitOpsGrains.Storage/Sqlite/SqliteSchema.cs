namespace GitOpsGrains.Storage.Sqlite;

/// <summary>The tables of an embedded database file, and the forward-only steps that lead to them.</summary>
internal static class SqliteSchema
{
    /// <summary>Marks a file as ours in its header ("GOGS").</summary>
    private const long ApplicationId = 0x474F4753;

    /// <summary>Step n leads from version n to n + 1. A step that has shipped never changes.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE grain_state (
            service_id TEXT NOT NULL,
            state_name TEXT NOT NULL,
            grain_id   TEXT NOT NULL,
            etag       TEXT NOT NULL,
            data       BLOB NOT NULL,
            PRIMARY KEY (grain_id, state_name, service_id));
        CREATE TABLE reminders (
            service_id TEXT NOT NULL,
            grain_id   TEXT NOT NULL,
            name       TEXT NOT NULL,
            grain_hash INTEGER NOT NULL,
            start_at   INTEGER NOT NULL,
            period     INTEGER NOT NULL,
            etag       TEXT NOT NULL,
            PRIMARY KEY (grain_id, name, service_id)) WITHOUT ROWID;
        CREATE INDEX reminders_by_hash ON reminders (service_id, grain_hash);
        """,
    ];

    public static int CurrentVersion => Steps.Length;

    /// <summary>Brings a file to the current version, one transaction per step; returns the version that it had.</summary>
    public static int Migrate(SqliteSession session, string path)
    {
        var application = session.First("PRAGMA application_id", row => row.GetInt64(0));
        var tables = session.First("SELECT count(*) FROM sqlite_schema", row => row.GetInt64(0));
        if (application != ApplicationId && (application != 0 || tables != 0))
            throw new EmbeddedStorageException(EmbeddedStorageFault.ForeignFile,
                $"'{path}' is a database of another program; choose another data directory");

        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        var found = (int)session.First("SELECT coalesce(max(version), 0) FROM schema_version", row => row.GetInt64(0));
        if (found > CurrentVersion)
            throw new EmbeddedStorageException(EmbeddedStorageFault.SchemaTooNew,
                $"'{path}' has schema version {found}, and this program knows versions up to {CurrentVersion}; "
                + "start the newer version again, or restore a backup made by this one");

        for (var version = found; version < CurrentVersion; version++) Apply(session, version);
        return found;
    }

    /// <summary>A write of which nothing stays, and which needs room as a real one does.</summary>
    public static bool Touch(SqliteSession session)
    {
        session.Execute("UPDATE schema_version SET version = version");
        session.Execute("INSERT INTO grain_state (service_id, state_name, grain_id, etag, data) VALUES ('', '', '', '', zeroblob(65536))");
        session.Execute("DELETE FROM grain_state WHERE service_id = '' AND state_name = '' AND grain_id = ''");
        return true;
    }

    private static void Apply(SqliteSession session, int version)
    {
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            session.Execute(Steps[version]);
            session.Execute("DELETE FROM schema_version");
            session.Execute("INSERT INTO schema_version (version) VALUES (?1)", version + 1);
            session.Execute("COMMIT");
        }
        catch
        {
            session.Execute("ROLLBACK");
            throw;
        }
    }
}
