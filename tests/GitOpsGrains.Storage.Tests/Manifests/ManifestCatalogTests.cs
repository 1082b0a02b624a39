using System.Globalization;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.CrashChild;
using GitOpsGrains.Storage.Manifests;

namespace GitOpsGrains.Storage.Tests.Manifests;

public sealed class ManifestCatalogTests : IAsyncLifetime
{
    private const int Entries = 2000;
    private readonly TemporaryDirectory _directory = new();
    private OpenedStorage _services = null!;
    private ManifestRecordStore _records = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await EmbeddedServices.OpenAsync(_directory.Path);
        _records = new ManifestRecordStore(_services.State);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Append_FromThreeSilosAtOnce_ListsEveryEntryOnce()
    {
        await FillAsync(3);
        Assert.Equal(Expected(0), await ListAsync());
    }

    [Fact]
    public async Task Sweep_DropsExactlyTheRefused()
    {
        await FillAsync(1);
        await SweepAsync(entry => NumberOf(entry) % 2 == 0);
        Assert.Equal(Expected(0).Where(number => number % 2 == 1), await ListAsync());
    }

    [Fact]
    public async Task Sweep_NearlyEmptyPages_AreMovedTogetherAndRemoved()
    {
        await FillAsync(1);
        var before = await _records.ReadHeadAsync(0, default);
        await SweepAsync(entry => NumberOf(entry) % 20 != 0);
        var after = await _records.ReadHeadAsync(0, default);
        Assert.True(before.Value.LastPage >= 7, $"{before.Value.LastPage} pages were filled");
        Assert.Equal(before.Value.LastPage, after.Value.FirstPage);
        Assert.Equal(Expected(0).Where(number => number % 20 == 0), await ListAsync());
    }

    [Fact]
    public async Task Sweep_WhileOthersAppend_LosesNothing()
    {
        await FillAsync(1);
        var more = FillAsync(2, from: Entries);
        while (!more.IsCompleted) await SweepAsync(entry => NumberOf(entry) < Entries);
        await more;
        await SweepAsync(entry => NumberOf(entry) < Entries);
        Assert.Equal(Expected(Entries), await ListAsync());
    }

    private static IEnumerable<int> Expected(int from) => Enumerable.Range(from, Entries);

    private static int NumberOf(CatalogEntry entry) => int.Parse(entry.Attempt, CultureInfo.InvariantCulture);

    private async Task FillAsync(int silos, int from = 0)
    {
        var catalogs = Enumerable.Range(0, silos).Select(_ => new ManifestCatalog(_records)).ToArray();
        await Parallel.ForEachAsync(Expected(from), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
            await catalogs[number % silos].AppendAsync(
                new CatalogEntry { Key = $"00{number}", Attempt = number.ToString(CultureInfo.InvariantCulture), Chunks = 1 }));
    }

    private Task SweepAsync(Func<CatalogEntry, bool> refuse) => new ManifestCatalog(_records).SweepAsync(
        0, entries => Task.FromResult<IReadOnlySet<CatalogEntry>>(entries.Where(refuse).ToHashSet()), default);

    private async Task<List<int>> ListAsync()
    {
        var found = new List<int>();
        await SweepAsync(entry =>
        {
            found.Add(NumberOf(entry));
            return false;
        });
        return [.. found.Distinct().Order()];
    }
}
