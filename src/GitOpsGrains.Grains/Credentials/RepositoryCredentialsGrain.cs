using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>Durable state of all RepositoryCredentials documents, by name. They hold references, no secrets.</summary>
public sealed class RepositoryCredentialsState
{
    public int Version { get; set; } = 1;
    public SortedDictionary<string, RepositoryCredentialsDocument> Documents { get; set; } = new(StringComparer.Ordinal);
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <inheritdoc cref="IRepositoryCredentialsGrain"/>
[GrainType("repositorycredentials")]
public sealed class RepositoryCredentialsGrain(
    [PersistentState("repositorycredentials")] IPersistentState<RepositoryCredentialsState> state, TimeProvider time) : Grain, IRepositoryCredentialsGrain
{
    private const int MaxDocuments = 1000;

    /// <summary>One that has not asked for so long has ended, or asks before it answers anybody.</summary>
    private static readonly TimeSpan FollowsFor = TimeSpan.FromMinutes(1);

    /// <summary>A silo that does not take the news holds nobody up any longer: what it has ends by its age.</summary>
    private static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(2);

    private readonly Dictionary<ITemplateFollower, long> _followers = [];

    /// <summary>What was stored last.</summary>
    private TemplateList _list = new();

    private SortedDictionary<string, RepositoryCredentialsDocument> Documents => state.State.Documents;

    public async Task<Change> PutAsync(RepositoryCredentialsDocument document)
    {
        var name = document.Metadata.Name;
        var before = Documents.GetValueOrDefault(name);
        if (before is not null && DocumentJson.Same(before, document)) return Change.Unchanged;
        if (Documents.Values.FirstOrDefault(other => other.Metadata.Name != name && PrefixMatch.IsSame(other.Spec.UrlPrefix, document.Spec.UrlPrefix)) is { } twin)
            throw new GrainRefusedException(RefusalKind.Conflict, $"RepositoryCredentials {twin.Metadata.Name} has the same URL prefix");
        if (before is null && Documents.Count >= MaxDocuments) throw new GrainRefusedException(RefusalKind.Conflict, $"there are {MaxDocuments} RepositoryCredentials already");
        Documents[name] = document;
        await StoreAsync(() =>
        {
            if (before is null) Documents.Remove(name);
            else Documents[name] = before;
        });
        return before is null ? Change.Created : Change.Configured;
    }

    public async Task DeleteAsync(string name)
    {
        if (Documents.Remove(name, out var before)) await StoreAsync(() => Documents[name] = before);
    }

    public Task<RepositoryCredentialsDocument?> GetAsync(string name) => Task.FromResult(Documents.GetValueOrDefault(name));

    public Task<TemplateList?> FollowAsync(ITemplateFollower follower, string version)
    {
        _followers[follower] = time.GetTimestamp();
        return Task.FromResult(version == _list.Version ? null : _list);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _list = Stored();
        return Task.CompletedTask;
    }

    private async Task StoreAsync(Action undo)
    {
        await state.WriteStateAsync().OrUndoAsync(undo);
        _list = Stored();
        foreach (var (follower, since) in _followers.ToArray())
            if (time.GetElapsedTime(since) > FollowsFor) _followers.Remove(follower);
        await Task.WhenAll(_followers.Keys.ToArray().Select(follower => TellAsync(follower, _list)));
    }

    private async Task TellAsync(ITemplateFollower follower, TemplateList list)
    {
        var told = follower.ReplaceAsync(list).WaitAsync(ToldWithin, time);
        await told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!told.IsCompletedSuccessfully) _followers.Remove(follower);
    }

    /// <summary>The etag says what the storage holds, whichever activation wrote it; it is no secret.</summary>
    private TemplateList Stored() => new() { Version = $"{state.Etag}", Documents = [.. Documents.Values] };
}
