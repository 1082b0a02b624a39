using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Projects;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;

namespace GitOpsGrains.Grains.Projects;

/// <summary>Durable state of a project.</summary>
public sealed class ProjectState
{
    public int Version { get; set; } = 1;
    public ProjectDocument? Document { get; set; }
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <inheritdoc cref="IProjectGrain"/>
[GrainType("project")]
public sealed class ProjectGrain([PersistentState("project")] IPersistentState<ProjectState> state) : Grain, IProjectGrain
{
    private const int FanOut = 256;

    private bool _isUntold;

    public async Task<Change> PutAsync(ProjectDocument document)
    {
        var before = state.State.Document;
        if (before is not null && DocumentJson.Same(before, document))
        {
            // The same before this may have failed after it was stored.
            if (_isUntold) await TellApplicationsAsync();
            return Change.Unchanged;
        }
        state.State.Document = document;
        await state.WriteStateAsync().OrUndoAsync(() => state.State.Document = before);
        await TellApplicationsAsync();
        return before is null ? Change.Created : Change.Configured;
    }

    public async Task DeleteAsync()
    {
        await state.ClearStateAsync();
        await TellApplicationsAsync();
    }

    public Task<ProjectDocument?> GetAsync() => Task.FromResult(state.State.Document);

    /// <summary>What the project allows, and when, is obeyed at once; an application that does not hear of it asks at its reminder.</summary>
    private async Task TellApplicationsAsync()
    {
        _isUntold = true;
        var name = this.GetPrimaryKeyString();
        var applications = await CatalogPartitions.ListAsync(GrainFactory, CatalogKind.Application);
        foreach (var window in applications.Where(key => GrainKeys.ParseApplication(key).Project == name).Chunk(FanOut))
            await Task.WhenAll(window.Select(key => GrainFactory.GetGrain<IApplicationListener>(key).OnProjectChangedAsync()));
        _isUntold = false;
    }
}
