using GitOpsGrains.Documents;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Projects;

/// <summary>A project's document. Key: the project's name.</summary>
[Alias("gog.IProjectGrain")]
public interface IProjectGrain : IGrainWithStringKey
{
    [Alias("Put")]
    Task<Change> PutAsync(ProjectDocument document);

    [Alias("Delete")]
    Task DeleteAsync();

    [AlwaysInterleave, Alias("Get")]
    Task<ProjectDocument?> GetAsync();
}
