using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What can be done with all things of one kind that have a name of their own. Errors: GrainRefusedException.</summary>
internal sealed record Thing<TView>(
    CatalogKind Kind, Func<FleetFacade, string, Task<TView?>> Find, Func<FleetFacade, string, Task> Remove, Func<TView, DocumentMetadata> Metadata)
    where TView : class
{
    /// <summary>How the things of a list are found, where something is asked once for all of them.</summary>
    public Func<FleetFacade, Task<Func<string, Task<TView?>>>>? FindAll { get; init; }

    public async Task<ListView<TView>> ListAsync(FleetFacade fleet, ListQuery query)
    {
        if (FindAll is null) return await FleetLists.ListAsync(fleet, Kind, Find, Metadata, query);
        var find = await FindAll(fleet);
        return await FleetLists.ListAsync(fleet, Kind, (_, name) => find(name), Metadata, query);
    }

    public async Task<TView> GetAsync(FleetFacade fleet, string name) => await Find(fleet, Names.Checked(name)) ?? throw Absent.Thing(Kind, name);

    public async Task DeleteAsync(FleetFacade fleet, string name)
    {
        _ = await GetAsync(fleet, name);
        await Remove(fleet, name);
    }
}

/// <summary>The kinds of things.</summary>
internal static class Things
{
    public static Thing<RepositoryView> Repositories { get; } = new(
        CatalogKind.Repository, (fleet, name) => fleet.GetRepositoryAsync(name), (fleet, name) => fleet.DeleteRepositoryAsync(name), view => view.Metadata);

    public static Thing<ClusterView> Clusters { get; } = new(
        CatalogKind.Cluster, (fleet, name) => fleet.GetClusterAsync(name), (fleet, name) => fleet.DeleteClusterAsync(name), view => view.Metadata);

    public static Thing<ProjectView> Projects { get; } = new(
        CatalogKind.Project, (fleet, name) => fleet.GetProjectAsync(name), (fleet, name) => fleet.DeleteProjectAsync(name), view => view.Metadata)
    {
        FindAll = async fleet =>
        {
            var applications = await fleet.CountApplicationsAsync();
            return name => fleet.GetProjectAsync(name, applications);
        },
    };

    public static Thing<RepositoryCredentialsDocument> RepositoryCredentials { get; } = new(
        CatalogKind.RepositoryCredentials, (fleet, name) => fleet.GetRepositoryCredentialsAsync(name),
        (fleet, name) => fleet.DeleteRepositoryCredentialsAsync(name), document => document.Metadata);
}
