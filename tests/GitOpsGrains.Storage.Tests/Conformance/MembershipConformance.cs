using System.Globalization;
using System.Net;
using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Messaging;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>What Orleans asks of a membership table, whatever the backend, and what a client finds there.</summary>
public abstract class MembershipConformance : IAsyncLifetime
{
    private readonly string _cluster = SharedStorage.NewServiceId();
    private readonly List<OpenedStorage> _storages = [];
    private StorageChoice _choice = null!;
    private IMembershipTable _table = null!;
    private int _generation;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract Task<StorageChoice> ChooseAsync();

    public async ValueTask InitializeAsync()
    {
        _choice = await ChooseAsync();
        _table = await OpenAsync(_cluster);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var storage in _storages) await storage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Table_AtFirst_IsEmptyAtVersionZero()
    {
        var data = await _table.ReadAllAsync(Token);
        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
    }

    [Fact]
    public async Task Initialize_ByManyAtOnce_IsOneTable()
    {
        var cluster = SharedStorage.NewServiceId();
        var tables = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => OpenAsync(cluster)));
        Assert.True(await InsertAsync(tables[0], NewEntry()));
        foreach (var table in tables) Assert.Single((await table.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task Insert_ThenRead_GivesTheSameEntryAndTheNextVersion()
    {
        var entry = NewEntry(SiloStatus.Joining);
        entry.AddSuspector(NewAddress(), new DateTime(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc));
        Assert.True(await InsertAsync(_table, entry));
        var data = await _table.ReadRowAsync(entry.SiloAddress, Token);
        var read = Assert.Single(data.Members).Item1;
        Assert.Equal(1, data.Version.Version);
        Assert.Equal(
            (entry.SiloAddress, entry.Status, entry.ProxyPort, entry.HostName, entry.SiloName, entry.StartTime, entry.IAmAliveTime),
            (read.SiloAddress, read.Status, read.ProxyPort, read.HostName, read.SiloName, read.StartTime, read.IAmAliveTime));
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
    }

    [Fact]
    public async Task Insert_TheSameSiloAgain_IsRefused()
    {
        var entry = NewEntry();
        Assert.True(await InsertAsync(_table, entry));
        Assert.False(await InsertAsync(_table, entry));
        var data = await _table.ReadAllAsync(Token);
        Assert.Single(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task Insert_OnAnOldVersion_IsRefused()
    {
        var old = (await _table.ReadAllAsync(Token)).Version.Next();
        Assert.True(await _table.InsertRowAsync(NewEntry(), old, Token));
        Assert.False(await _table.InsertRowAsync(NewEntry(), old, Token));
        Assert.Single((await _table.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task Update_OnAnOldVersion_IsRefused()
    {
        var entry = NewEntry(SiloStatus.Joining);
        await InsertAsync(_table, entry);
        var before = await _table.ReadRowAsync(entry.SiloAddress, Token);
        entry.Status = SiloStatus.Active;
        Assert.True(await _table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next(), Token));
        entry.Status = SiloStatus.Dead;
        Assert.False(await _table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next(), Token));
        var now = await _table.ReadRowAsync(entry.SiloAddress, Token);
        Assert.Equal((SiloStatus.Active, 2), (now.Members[0].Item1.Status, now.Version.Version));
    }

    [Fact]
    public async Task Update_TwentyAtOnce_EachGivesOneVersion()
    {
        var entry = NewEntry(SiloStatus.Active);
        await InsertAsync(_table, entry);
        var suspects = Enumerable.Range(0, 20).Select(_ => NewAddress()).ToArray();
        await Task.WhenAll(suspects.Select(async suspect =>
        {
            while (true)
            {
                var data = await _table.ReadRowAsync(entry.SiloAddress, Token);
                var (row, etag) = data.Members[0];
                row.AddSuspector(suspect, new DateTime(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc));
                if (await _table.UpdateRowAsync(row, etag, data.Version.Next(), Token)) return;
            }
        }));
        var end = await _table.ReadRowAsync(entry.SiloAddress, Token);
        Assert.Equal(21, end.Version.Version);
        Assert.Equal(suspects.ToHashSet(), end.Members[0].Item1.SuspectTimes!.Select(suspicion => suspicion.Item1).ToHashSet());
    }

    [Fact]
    public async Task UpdateIAmAlive_ChangesTheTimeAndLeavesTheVersion()
    {
        var entry = NewEntry(SiloStatus.Active);
        await InsertAsync(_table, entry);
        var before = await _table.ReadRowAsync(entry.SiloAddress, Token);
        var alive = new DateTime(2026, 11, 23, 11, 12, 13, DateTimeKind.Utc);
        await _table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Token);
        var after = await _table.ReadRowAsync(entry.SiloAddress, Token);
        Assert.Equal((before.Version.Version, alive), (after.Version.Version, after.Members[0].Item1.IAmAliveTime));
        Assert.Equal(SiloStatus.Active, after.Members[0].Item1.Status);
        // The version's etag is still good: a silo that only says that it lives gets in nobody's way.
        Assert.True(await _table.InsertRowAsync(NewEntry(), before.Version.Next(), Token));
    }

    [Fact]
    public async Task ReadRow_OfAnUnknownSilo_GivesTheVersionOnly()
    {
        await InsertAsync(_table, NewEntry());
        var data = await _table.ReadRowAsync(NewAddress(), Token);
        Assert.Empty(data.Members);
        Assert.Equal(1, data.Version.Version);
    }

    [Fact]
    public async Task ReadAll_MoreSilosThanAPage_GivesAllOfThem()
    {
        // A page of the tables holds 1000 rows.
        const int many = 1100;
        var addresses = new HashSet<SiloAddress>();
        var version = (await _table.ReadAllAsync(Token)).Version;
        for (var i = 0; i < many; i++)
        {
            var entry = NewEntry(SiloStatus.Dead);
            Assert.True(await _table.InsertRowAsync(entry, version.Next(), Token));
            version = (await _table.ReadRowAsync(entry.SiloAddress, Token)).Version;
            addresses.Add(entry.SiloAddress);
        }

        var data = await _table.ReadAllAsync(Token);
        Assert.Equal(many, data.Version.Version);
        Assert.Equal(addresses, data.Members.Select(member => member.Item1.SiloAddress).ToHashSet());
    }

    [Fact]
    public async Task Clusters_OverOneStorage_AreApart()
    {
        var other = await OpenAsync(SharedStorage.NewServiceId());
        await InsertAsync(_table, NewEntry());
        Assert.Empty((await other.ReadAllAsync(Token)).Members);
        await InsertAsync(other, NewEntry());
        await InsertAsync(other, NewEntry());
        Assert.Single((await _table.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task Gateways_OfAClient_AreTheActiveSilosThatHaveOne()
    {
        var (gateway, hidden) = (NewEntry(SiloStatus.Active), NewEntry(SiloStatus.Active));
        hidden.ProxyPort = 0;
        foreach (var entry in new[] { gateway, hidden, NewEntry(SiloStatus.Joining), NewEntry(SiloStatus.Dead) }) await InsertAsync(_table, entry);
        await using var client = Client();
        var gateways = client.GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProviderAsync(Token);
        var found = Assert.Single(await gateways.GetGatewaysAsync(Token));
        Assert.Equal((gateway.SiloAddress.Endpoint.Address.ToString(), gateway.ProxyPort), (found.Host, found.Port));
    }

    private ServiceProvider Client()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.Configure<ClusterOptions>(options => options.ServiceId = options.ClusterId = _cluster);
        new ClientServices(services).UseStorageClustering(_choice);
        return services.BuildServiceProvider();
    }

    private async Task<IMembershipTable> OpenAsync(string cluster)
    {
        var storage = await SharedStorage.OpenAsync(_choice, cluster, cluster);
        lock (_storages) _storages.Add(storage);
        var table = storage.Membership!;
        await table.InitializeMembershipTableAsync(true, Token);
        return table;
    }

    private static async Task<bool> InsertAsync(IMembershipTable table, MembershipEntry entry) =>
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token);

    private SiloAddress NewAddress() => SiloAddress.New(IPAddress.Loopback, 11_000, Interlocked.Increment(ref _generation));

    private MembershipEntry NewEntry(SiloStatus status = SiloStatus.Joining)
    {
        var address = NewAddress();
        return new MembershipEntry
        {
            SiloAddress = address,
            HostName = "host.example.com",
            SiloName = string.Create(CultureInfo.InvariantCulture, $"silo-{address.Generation}"),
            Status = status,
            ProxyPort = 30_000,
            RoleName = "gitopsgrains",
            // Azure's layout keeps milliseconds.
            StartTime = new DateTime(2026, 11, 23, 10, 20, 30, 456, DateTimeKind.Utc),
            IAmAliveTime = new DateTime(2026, 11, 23, 10, 20, 31, 789, DateTimeKind.Utc),
        };
    }

    private sealed class ClientServices(IServiceCollection services) : IClientBuilder
    {
        public IServiceCollection Services => services;

        public Microsoft.Extensions.Configuration.IConfiguration Configuration { get; } = new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build();
    }
}
