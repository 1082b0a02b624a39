using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Gateway.Webhooks;

/// <summary>
/// The webhook secrets that Repository documents name, asked for again after 10 s. Names that nobody has reach no repository: the
/// catalog is asked first, so that strangers can't bring grains into being.
/// </summary>
internal sealed class RepositorySecrets(WebhookSecrets secrets, IGrainFactory grains, TimeProvider time)
{
    private const int MaxKnown = 10_000;
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (byte[]? Secret, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Null when there is no such repository, or none with a secret that can be used.</summary>
    public async Task<byte[]?> FindAsync(string repository, CancellationToken cancellationToken)
    {
        if (!GrainKeys.IsSegment(repository)) return null;
        if (_known.TryGetValue(repository, out var known) && time.GetElapsedTime(known.At) < Validity) return known.Secret;
        var secret = await ReadAsync(repository, cancellationToken);
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[repository] = (secret, time.GetTimestamp());
        return secret;
    }

    private async Task<byte[]?> ReadAsync(string repository, CancellationToken cancellationToken)
    {
        var partition = grains.GetGrain<ICatalogGrain>(CatalogPartitions.Of(repository));
        if (!await partition.HasAsync(new CatalogEntry(CatalogKind.Repository, repository))) return null;
        return await grains.GetGrain<IRepositoryGrain>(repository).GetWebhookSecretAsync(cancellationToken) is { } secret ? secrets.Usable(secret, $"repository {repository}") : null;
    }
}
