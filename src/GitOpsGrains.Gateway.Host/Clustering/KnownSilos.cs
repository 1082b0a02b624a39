using GitOpsGrains.Storage;
using Orleans.Messaging;

namespace GitOpsGrains.Gateway.Host.Clustering;

/// <summary>
/// The silos as they were last found, but those that hang: while they can't be looked up, those that are known go on being used.
/// </summary>
/// <param name="source">Where they are looked up.</param>
internal sealed partial class KnownSilos(IGatewayListProvider source, SilentSilos silent, SiloLink link, TimeProvider time, ILogger<KnownSilos> logger) : IGatewayListProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private IList<Uri>? _known;
    private bool _isTold;

    /// <summary>A silo that was found dead is tried again after this.</summary>
    public TimeSpan MaxStaleness => SiloClustering.RefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => InitializeGatewayListProviderAsync(CancellationToken.None);

    public async Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await source.InitializeGatewayListProviderAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException(StorageFailure.Describe(failure));
        }
    }

    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await source.GetGatewaysAsync(cancellationToken).WaitAsync(Patience, time, cancellationToken);
            if (_isTold) LogAgain();
            if (_known is { } before && before.Except(found).Any()) link.Miss();
            (_known, _isTold) = (found, false);
            return silent.Without(found);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = StorageFailure.Describe(failure);
            if (_known is not { } known) throw new StorageUnavailableException(reason);
            if (!_isTold) LogUnknown(reason, known.Count);
            _isTold = true;
            return silent.Without(known);
        }
    }

    [LoggerMessage(3106, LogLevel.Warning, "The silos can't be looked up: {Reason}; going on with the {Count} that are known")]
    private partial void LogUnknown(string reason, int count);

    [LoggerMessage(3107, LogLevel.Information, "The silos can be looked up again")]
    private partial void LogAgain();
}
