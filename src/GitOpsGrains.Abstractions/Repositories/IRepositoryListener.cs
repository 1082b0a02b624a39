using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>News for a repository. May be lost: the next poll comes anyway.</summary>
[Alias("gog.IRepositoryListener")]
public interface IRepositoryListener : IGrainWithStringKey
{
    /// <summary>Somebody pushed to the address (<see cref="RepositoryAddress"/>): the server is asked at once, by one request for any number of such news.</summary>
    [OneWay, AlwaysInterleave, Alias("OnPushed")]
    Task OnPushedAsync(string address);
}
