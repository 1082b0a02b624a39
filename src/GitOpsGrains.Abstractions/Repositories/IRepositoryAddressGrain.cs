using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>Which Repository documents have one address. Key: <see cref="RepositoryAddress.KeyOf"/>.</summary>
[Alias("gog.IRepositoryAddressGrain")]
public interface IRepositoryAddressGrain : IGrainWithStringKey
{
    [Alias("Add")]
    Task AddAsync(string repository);

    [Alias("Remove")]
    Task RemoveAsync(string repository);

    /// <summary>Somebody pushed there: the repositories, if there are any, are polled once. Not waited for.</summary>
    [OneWay, AlwaysInterleave, Alias("Pushed")]
    Task PushedAsync(string address);
}
