using GitOpsGrains.Documents;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Credentials;

/// <summary>All RepositoryCredentials documents: they are few, and every question is about all of them. Key: 0.</summary>
[Alias("gog.IRepositoryCredentialsGrain")]
public interface IRepositoryCredentialsGrain : IGrainWithIntegerKey
{
    /// <summary>Errors: <see cref="RefusalKind.Conflict"/> when another one has the same prefix, or there are 1000.</summary>
    [Alias("Put")]
    Task<Change> PutAsync(RepositoryCredentialsDocument document);

    [Alias("Delete")]
    Task DeleteAsync(string name);

    [AlwaysInterleave, Alias("Get")]
    Task<RepositoryCredentialsDocument?> GetAsync(string name);

    /// <summary>
    /// All documents, or null when the follower has this version of them. For a minute it is told of each change before that is
    /// acknowledged; then it has to ask again.
    /// </summary>
    [AlwaysInterleave, Alias("Follow")]
    Task<TemplateList?> FollowAsync(ITemplateFollower follower, string version);
}
