using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Fleet;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Fleet;

/// <inheritdoc cref="IFleetIndexGrain"/>
[GrainType("fleet-index")]
[KeepAlive]
public sealed partial class FleetIndexGrain(TimeProvider time, ILogger<FleetIndexGrain> logger) : Grain, IFleetIndexGrain, IFleetIndexInbox
{
    private const int Window = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FleetTable _table = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _filling = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _filling = FillAsync();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _stopping.CancelAsync();

    public async Task<FleetPage> FindAsync(FleetQuery query)
    {
        // A fleet of some thousands is read within this; a larger one is told in part until it is.
        if (!_filling.IsCompleted) await _filling.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_filling.IsFaulted) _filling = FillAsync();
        var (found, total) = _table.Find(query);
        return new FleetPage(found, total, Partial: !_filling.IsCompletedSuccessfully);
    }

    public Task NoteAsync(IReadOnlyList<string> applications) => ReadAsync(applications);

    public async Task OnRowsAsync(IReadOnlyList<FleetRow> rows)
    {
        var unsure = rows.Where(row => !_table.Take(row)).ToArray();
        if (unsure.Length == 0) return;
        try
        {
            var gone = await ReadAsync([.. unsure.Select(row => row.Application)]);
            foreach (var row in unsure.Where(row => gone.Contains(row.Application))) _table.Take(row with { Deleted = true }, isRead: true);
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // Its next news asks again.
            LogNotFilled(failure, this.GetPrimaryKeyLong());
        }
    }

    private async Task FillAsync()
    {
        try
        {
            await ReadAsync(await GrainFactory.GetGrain<ICatalogGrain>(this.GetPrimaryKeyLong()).ListAsync(CatalogKind.Application));
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // The next question tries again; until then lists say that they are partial.
            LogNotFilled(failure, this.GetPrimaryKeyLong());
            throw;
        }
    }

    /// <summary>Returns those that are no more.</summary>
    private async Task<IReadOnlySet<string>> ReadAsync(IReadOnlyList<string> applications)
    {
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var window in applications.Chunk(Window))
        {
            _stopping.Token.ThrowIfCancellationRequested();
            foreach (var (name, row) in window.Zip(await Task.WhenAll(window.Select(name => GrainFactory.GetGrain<IApplicationGrain>(name).GetRowAsync()))))
            {
                if (row is null) gone.Add(name);
                else _table.Take(row, isRead: true);
            }
        }
        return gone;
    }

    [LoggerMessage(2411, LogLevel.Warning, "Partition {Partition} of the index could not read its applications")]
    private partial void LogNotFilled(Exception exception, long partition);
}
