using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Tests;

/// <summary>Records of one grain in memory, as JSON by their names; dies after a number of writes, as a process does.</summary>
internal sealed class RecordingStorage : IGrainStorage
{
    private readonly Dictionary<string, string> _records = [];
    private readonly Dictionary<string, int> _etags = [];

    public int Writes { get; set; }

    public int? DiesAfter { get; set; }

    /// <summary>A write takes effect a moment after it was given, with the etag that it was given with.</summary>
    public bool IsSlow { get; set; }

    public IReadOnlyCollection<string> Names => _records.Keys;

    public int LongestRecord => _records.Values.Max(record => record.Length);

    public void Clear()
    {
        _records.Clear();
        _etags.Clear();
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!_records.TryGetValue(stateName, out var record)) return Task.CompletedTask;
        (grainState.State, grainState.ETag, grainState.RecordExists) = (JsonSerializer.Deserialize<T>(record)!, EtagOf(stateName), true);
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (DiesAfter is { } left && left-- == 0) throw new IOException("the process died");
        if (DiesAfter is not null) DiesAfter--;
        Writes++;
        var (given, record) = (grainState.ETag, JsonSerializer.Serialize(grainState.State));
        if (IsSlow) await Task.Yield();
        if (given != EtagOf(stateName)) throw new InconsistentStateException("another has written", EtagOf(stateName) ?? "", given ?? "");
        _etags[stateName] = _etags.GetValueOrDefault(stateName) + 1;
        (grainState.ETag, grainState.RecordExists) = (EtagOf(stateName), true);
        _records[stateName] = record;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _records.Remove(stateName);
        _etags.Remove(stateName);
        return Task.CompletedTask;
    }

    private string? EtagOf(string stateName) => _etags.TryGetValue(stateName, out var etag) ? etag.ToString(CultureInfo.InvariantCulture) : null;
}
