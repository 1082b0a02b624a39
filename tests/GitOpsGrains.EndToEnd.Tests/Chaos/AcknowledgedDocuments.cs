using System.Collections.Concurrent;
using System.Net;
using GitOpsGrains.Testing.Processes;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>Somebody who stores one document after the other whatever happens, and remembers what was acknowledged and what was refused.</summary>
internal sealed class AcknowledgedDocuments : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _names = new();
    private readonly ConcurrentQueue<(HttpStatusCode? Status, string Message)> _refusals = new();
    private readonly FleetApi _api;
    private readonly Task _storing;

    private AcknowledgedDocuments(FleetApi api)
    {
        _api = api;
        _storing = Task.Run(StoreAsync);
    }

    public int Count => _names.Count;

    /// <summary>No status: there was no answer.</summary>
    public IReadOnlyList<(HttpStatusCode? Status, string Message)> Refusals => [.. _refusals];

    public static AcknowledgedDocuments Begin(FleetApi api) => new(api);

    /// <summary>Stores no more, and finds everything that was acknowledged.</summary>
    public async Task AssertAllThereAsync(FleetApi api)
    {
        await StopAsync();
        Assert.NotEmpty(_names);
        foreach (var name in _names) Assert.Contains(name, await api.TextAsync($"projects/{name}"), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"all of {_names.Count} acknowledged documents are there; {_refusals.Count} were refused: "
            + string.Join("; ", _refusals.GroupBy(refusal => refusal.Status).Select(group => $"{group.Count()} x {(int?)group.Key ?? 0} {group.First().Message}")));
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _storing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task StoreAsync()
    {
        using var pace = new PeriodicTimer(Pace);
        while (!_stop.IsCancellationRequested)
        {
            // What was refused is sent again, as clients do: it must be refused again until it is stored.
            var name = $"kept-{_names.Count}";
            try
            {
                await _api.ApplyAsync($"apiVersion: gitopsgrains.io/v1\nkind: Project\nmetadata: {{name: {name}}}\nspec: {{repositories: [\"*\"], clusters: [\"*\"]}}\n");
                _names.Enqueue(name);
            }
            catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException or IOException)
            {
                _refusals.Enqueue(((lost as HttpRequestException)?.StatusCode, lost.Message));
            }
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
