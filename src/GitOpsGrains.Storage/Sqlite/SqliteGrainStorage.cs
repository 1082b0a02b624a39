using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Sqlite;

/// <summary>
/// Grain state in an embedded database. An absent etag inserts, any other must be the stored one; a clear deletes the
/// record. A conflict is an <see cref="InconsistentStateException"/>; a write completes when it is durable.
/// </summary>
internal sealed class SqliteGrainStorage(
    SqliteDatabase database, string serviceId, IGrainStorageSerializer serializer, IActivatorProvider activators)
    : IGrainStorage
{
    private const string Select =
        "SELECT etag, data FROM grain_state WHERE grain_id = ?1 AND state_name = ?2 AND service_id = ?3";
    private const string SelectEtag =
        "SELECT etag FROM grain_state WHERE grain_id = ?1 AND state_name = ?2 AND service_id = ?3";
    private const string Insert =
        "INSERT INTO grain_state (grain_id, state_name, service_id, etag, data) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    private const string Update =
        "UPDATE grain_state SET etag = ?4, data = ?5 WHERE grain_id = ?1 AND state_name = ?2 AND service_id = ?3 AND etag = ?6";
    private const string Delete =
        "DELETE FROM grain_state WHERE grain_id = ?1 AND state_name = ?2 AND service_id = ?3 AND etag = ?4";

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var id = grainId.ToString();
        var record = await database.ReadAsync(
            session => session.First(Select, Row, id, stateName, serviceId), cancellationToken);
        if (record is null)
        {
            Reset(grainState);
            return;
        }

        grainState.State = Deserialize<T>(stateName, grainId, record.Data);
        grainState.ETag = record.Etag;
        grainState.RecordExists = true;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var data = Serialize(grainState.State);
        var (id, given, next) = (grainId.ToString(), grainState.ETag, database.NextEtag());
        var conflict = await database.WriteAsync(
            session =>
            {
                var changed = string.IsNullOrEmpty(given)
                    ? session.Execute(Insert, id, stateName, serviceId, next, data)
                    : session.Execute(Update, id, stateName, serviceId, next, data, given);
                return changed == 1 ? null : FindConflict(session, id, stateName);
            },
            data.Length, cancellationToken);
        if (conflict is not null) throw Inconsistent("write", stateName, grainId, conflict, given);
        grainState.ETag = next;
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var (id, given) = (grainId.ToString(), grainState.ETag);
        var conflict = await database.WriteAsync(
            session =>
            {
                if (!string.IsNullOrEmpty(given) && session.Execute(Delete, id, stateName, serviceId, given) == 1) return null;
                var found = FindConflict(session, id, stateName);
                return string.IsNullOrEmpty(given) && found.StoredEtag is null ? null : found;
            },
            0, cancellationToken);
        if (conflict is not null) throw Inconsistent("clear", stateName, grainId, conflict, given);
        Reset(grainState);
    }

    private Conflict FindConflict(SqliteSession session, string id, string stateName) =>
        new(session.First(SelectEtag, row => row.GetString(0), id, stateName, serviceId));

    private static StoredRecord Row(SqliteDataReader row) => new(row.GetString(0), row.GetFieldValue<byte[]>(1));

    private static InconsistentStateException Inconsistent(
        string verb, string stateName, GrainId grainId, Conflict conflict, string? given) =>
        new($"the {verb} of state '{stateName}' of grain '{grainId}' was refused: "
            + (conflict.StoredEtag is null ? "there is no such record any more" : "another activation has written it"),
            conflict.StoredEtag ?? "", given ?? "");

    private void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private byte[] Serialize<T>(T state)
    {
        var data = serializer.Serialize(state).ToMemory();
        return MemoryMarshal.TryGetArray(data, out var segment) && segment.Array is { } array && array.Length == data.Length
            ? array
            : data.ToArray();
    }

    private T Deserialize<T>(string stateName, GrainId grainId, byte[] data)
    {
        try
        {
            return serializer.Deserialize<T>(BinaryData.FromBytes(data)) ?? activators.GetActivator<T>().Create();
        }
        catch (Exception exception)
        {
            throw new InvalidDataException(
                $"the stored state '{stateName}' of grain '{grainId}' ({data.Length} bytes) is not a {typeof(T).Name}", exception);
        }
    }

    private sealed record StoredRecord(string Etag, byte[] Data);

    /// <summary>Why nothing was changed: the etag that is stored, or null when there is no record.</summary>
    private sealed record Conflict(string? StoredEtag);
}
