using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Gateway.Fleet;
using GitOpsGrains.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>Repositories, clusters, projects, credentials of URL prefixes, and stored credentials.</summary>
internal sealed partial class FleetService
{
    public override Task<ListRepositoriesResponse> ListRepositories(ListRepositoriesRequest request, ServerCallContext context) => ListAsync<ListRepositoriesResponse, RepositoryView>(Things.Repositories, request);

    public override Task<Repository> GetRepository(GetRepositoryRequest request, ServerCallContext context) => GetAsync<Repository, RepositoryView>(Things.Repositories, request.Name);

    public override Task<V1.ApplyResult> PutRepository(PutRepositoryRequest request, ServerCallContext context) => PutAsync(Things.Repositories, request.Name, request.Document);

    public override Task<Empty> DeleteRepository(DeleteRepositoryRequest request, ServerCallContext context) => DeleteAsync(Things.Repositories, request.Name);

    public override Task<ListClustersResponse> ListClusters(ListClustersRequest request, ServerCallContext context) => ListAsync<ListClustersResponse, ClusterView>(Things.Clusters, request);

    public override Task<Cluster> GetCluster(GetClusterRequest request, ServerCallContext context) => GetAsync<Cluster, ClusterView>(Things.Clusters, request.Name);

    public override Task<V1.ApplyResult> PutCluster(PutClusterRequest request, ServerCallContext context) => PutAsync(Things.Clusters, request.Name, request.Document);

    public override Task<Empty> DeleteCluster(DeleteClusterRequest request, ServerCallContext context) => DeleteAsync(Things.Clusters, request.Name);

    public override async Task<Empty> TakeOverCluster(TakeOverClusterRequest request, ServerCallContext context)
    {
        await fleet.TakeOverClusterAsync(Names.Checked(request.Name));
        return new Empty();
    }

    public override Task<ListProjectsResponse> ListProjects(ListProjectsRequest request, ServerCallContext context) => ListAsync<ListProjectsResponse, ProjectView>(Things.Projects, request);

    public override Task<Project> GetProject(GetProjectRequest request, ServerCallContext context) => GetAsync<Project, ProjectView>(Things.Projects, request.Name);

    public override Task<V1.ApplyResult> PutProject(PutProjectRequest request, ServerCallContext context) => PutAsync(Things.Projects, request.Name, request.Document);

    public override Task<Empty> DeleteProject(DeleteProjectRequest request, ServerCallContext context) => DeleteAsync(Things.Projects, request.Name);

    public override Task<ListRepositoryCredentialsResponse> ListRepositoryCredentials(ListRepositoryCredentialsRequest request, ServerCallContext context) => ListAsync<ListRepositoryCredentialsResponse, RepositoryCredentialsDocument>(Things.RepositoryCredentials, request);

    public override Task<RepositoryCredentials> GetRepositoryCredentials(GetRepositoryCredentialsRequest request, ServerCallContext context) => GetAsync<RepositoryCredentials, RepositoryCredentialsDocument>(Things.RepositoryCredentials, request.Name);

    public override Task<V1.ApplyResult> PutRepositoryCredentials(PutRepositoryCredentialsRequest request, ServerCallContext context) => PutAsync(Things.RepositoryCredentials, request.Name, request.Document);

    public override Task<Empty> DeleteRepositoryCredentials(DeleteRepositoryCredentialsRequest request, ServerCallContext context) => DeleteAsync(Things.RepositoryCredentials, request.Name);

    public override async Task<ListCredentialsResponse> ListCredentials(ListCredentialsRequest request, ServerCallContext context) =>
        Page<ListCredentialsResponse, CredentialView>(await credentials.ListAsync());

    public override async Task<Credential> GetCredential(GetCredentialRequest request, ServerCallContext context) =>
        Wire.To<Credential>(await credentials.GetAsync(Names.Checked(request.Name)) ?? throw Absent.Credential(request.Name));

    public override async Task<V1.ApplyResult> PutCredential(PutCredentialRequest request, ServerCallContext context) =>
        Wire.To<V1.ApplyResult>(await credentials.PutAsync(Names.Checked(request.Name), Wire.From<CredentialRequest>(request)));

    public override async Task<Empty> DeleteCredential(DeleteCredentialRequest request, ServerCallContext context)
    {
        await credentials.DeleteAsync(Names.Checked(request.Name));
        return new Empty();
    }

    private async Task<T> ListAsync<T, TView>(Thing<TView> things, IMessage request)
        where T : IMessage, new()
        where TView : class => Wire.To<T>(await things.ListAsync(fleet, Wire.From<ListQuery>(request)));

    private async Task<T> GetAsync<T, TView>(Thing<TView> things, string name)
        where T : IMessage, new()
        where TView : class => Wire.To<T>(await things.GetAsync(fleet, name));

    private async Task<V1.ApplyResult> PutAsync<TView>(Thing<TView> things, string name, ByteString document)
        where TView : class => Wire.To<V1.ApplyResult>(await intake.PutAsync(things.Kind, Names.Checked(name), document.Memory));

    private async Task<Empty> DeleteAsync<TView>(Thing<TView> things, string name)
        where TView : class
    {
        await things.DeleteAsync(fleet, name);
        return new Empty();
    }
}
