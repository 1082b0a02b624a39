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
    [PersistentState("repositorycredentials")] IPersistentState<RepositoryCredentialsState> state, TemplateTable table) : Grain, IRepositoryCredentialsGrain
{
    private const int MaxDocuments = 1000;

    private TemplateSnapshot _snapshot = new([]);

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
        await StoreAsync();
        return before is null ? Change.Created : Change.Configured;
    }

    public async Task DeleteAsync(string name)
    {
        if (Documents.Remove(name)) await StoreAsync();
    }

    public Task<RepositoryCredentialsDocument?> GetAsync(string name) => Task.FromResult(Documents.GetValueOrDefault(name));

    public Task<RepositoryCredentialsDocument?> FindAsync(string url) => Task.FromResult(_snapshot.Find(url));

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Publish();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Another one may begin elsewhere; who looks for a template from now on asks that one.
        if (table.Current == _snapshot) table.Current = null;
        return Task.CompletedTask;
    }

    private async Task StoreAsync()
    {
        await state.WriteStateAsync();
        Publish();
    }

    private void Publish() => table.Current = _snapshot = new TemplateSnapshot([.. Documents.Values]);
}
