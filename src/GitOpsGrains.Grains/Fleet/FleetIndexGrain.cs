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
    private const int ReadsAtOnce = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly FleetTable _table = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FleetRow> _unsure = new(StringComparer.Ordinal);
    private Insistence<string> _reads = null!;
    private Task _filling = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _reads = new Insistence<string>(ReadsAtOnce, ReadAsync, (count, one, unread) => LogNotRead(unread, count, one), time, _stopping.Token);
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
        return new FleetPage(found, total, Partial: !_filling.IsCompletedSuccessfully || _unread.Count > 0);
    }

    public Task NoteAsync(IReadOnlyList<string> applications) => _reads.AddAsync(applications);

    public Task OnRowsAsync(IReadOnlyList<FleetRow> rows)
    {
        var taken = rows.ToLookup(row => _table.Take(row));
        _unread.ExceptWith(taken[true].Select(row => row.Application));
        var unsure = taken[false].ToArray();
        foreach (var row in unsure) _unsure[row.Application] = row;
        // Not awaited: an application that does not answer would hold up the news of all others.
        if (unsure.Length > 0) _ = _reads.AddAsync(unsure.Select(row => row.Application));
        return Task.CompletedTask;
    }

    private async Task FillAsync()
    {
        try
        {
            var names = await GrainFactory.GetGrain<ICatalogGrain>(this.GetPrimaryKeyLong()).ListAsync(CatalogKind.Application);
            _unread.UnionWith(names);
            await _reads.AddAsync(names);
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // The next question tries again; until then lists say that they are partial.
            LogNotFilled(failure, this.GetPrimaryKeyLong());
            throw;
        }
    }

    private async Task ReadAsync(string application)
    {
        var (told, held) = (_unsure.GetValueOrDefault(application), _table.Find(application));
        var row = await GrainFactory.GetGrain<IApplicationGrain>(application).GetRowAsync();
        _unread.Remove(application);
        if (row is not null) _table.Take(row, isRead: true);
        // Unless it has been made anew since.
        else if (told is not null && held == _table.Find(application)) _table.Take(told with { Deleted = true }, isRead: true);
        // What was told after this had asked is asked for by itself.
        if (told is not null && told == _unsure.GetValueOrDefault(application)) _unsure.Remove(application);
    }

    [LoggerMessage(2411, LogLevel.Warning, "Partition {Partition} of the index could not list its applications")]
    private partial void LogNotFilled(Exception exception, long partition);

    [LoggerMessage(2412, LogLevel.Warning, "{Count} rows of applications, one of them {Application}, could not be read for the index, and will be asked for again")]
    private partial void LogNotRead(Exception exception, int count, string application);
}
