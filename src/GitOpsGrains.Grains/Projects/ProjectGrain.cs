using System.Text.Json;
using System.Text.Json.Serialization;
using GitOpsGrains.Abstractions;
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
    public async Task<Change> PutAsync(ProjectDocument document)
    {
        var before = state.State.Document;
        if (before is not null && DocumentJson.Same(before, document)) return Change.Unchanged;
        state.State.Document = document;
        await state.WriteStateAsync();
        return before is null ? Change.Created : Change.Configured;
    }

    public Task DeleteAsync() => state.ClearStateAsync();

    public Task<ProjectDocument?> GetAsync() => Task.FromResult(state.State.Document);
}
