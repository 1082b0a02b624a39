using System.Net;
using GitOpsGrains.Storage.Copying;
using GitOpsGrains.Storage.Directories;
using GitOpsGrains.Storage.Hosting;
using GitOpsGrains.Storage.Redis;
using GitOpsGrains.Storage.Tests.Conformance;
using GitOpsGrains.Testing.Processes;
using GitOpsGrains.Testing.Storage;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Copying;

/// <summary>Copies between real storages, with records that the test names.</summary>
public sealed class StorageCopyTests : IDisposable
{
    private const int Records = 600;

    // Both ends are looked through before anything is written.
    private const int InTheMiddle = (2 * (Records + 2)) + 300;
    // Does not compress, so that it lies in pieces of its own.
    private static readonly byte[] LargeContent = NewContent(1_300_000);

    private readonly TemporaryDirectory _from = new();
    private readonly TemporaryDirectory _back = new();
    private readonly string _service = SharedStorage.NewServiceId();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StorageChoice Source => new() { DataDirectory = _from["data"] };

    public void Dispose()
    {
        _from.Dispose();
        _back.Dispose();
    }

    [Theory]
    [InlineData(StorageKind.AzureStorage)]
    [InlineData(StorageKind.Redis)]
    public async Task Copy_ToSharedStorageAndBack_IsTheSameAtEachEnd(StorageKind kind)
    {
        var (shared, back) = (await SharedAsync(kind), new StorageChoice { DataDirectory = _back["data"] });
        var manifest = await FillAsync(Source);

        var there = await CopyAsync(Source, shared);
        var returned = await CopyAsync(shared, back);

        Assert.Equal(there, returned);
        Assert.Equal((Records, 40), (there.Records, there.Reminders));
        Assert.True(there.ManifestRecords > 6, $"{there.ManifestRecords} records of manifest sets");
        foreach (var choice in new[] { shared, back })
        {
            await using var opened = await SharedStorage.OpenAsync(choice, _service);
            await opened.Reminders.StartAsync(Token);
            Assert.Equal(LargeContent, (await opened.Manifests.GetAsync(manifest, Token))!.Value.ToArray());
            Assert.Equal(7, (await ReadAsync(opened.State, 7)).State!.Number);
            Assert.Equal(TimeSpan.FromMinutes(3), (await opened.Reminders.ReadRow(Id(7), "check", Token))!.Period);
        }
    }

    [Fact]
    public async Task Copy_ToAStorageWithData_IsRefused()
    {
        var shared = await SharedAsync(StorageKind.AzureStorage);
        await FillAsync(Source);
        await CopyAsync(Source, shared);
        var error = await Assert.ThrowsAsync<StorageCopyException>(() => CopyAsync(Source, shared));
        Assert.Contains("has data already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_CutOff_KeepsSilosAwayAndGoesOnWithTheSameCommand()
    {
        var shared = await SharedAsync(StorageKind.Redis);
        await FillAsync(Source);
        await Assert.ThrowsAsync<IOException>(() => CopyAsync(Source, shared, failAfter: InTheMiddle));

        await using (var part = await SharedStorage.OpenAsync(shared, _service))
        {
            var refused = await Assert.ThrowsAsync<StorageSettingsException>(() => StartAsync(part));
            Assert.Contains("has not ended", refused.Message, StringComparison.Ordinal);
        }

        var result = await CopyAsync(Source, shared);
        Assert.Equal(Records, result.Records);
        await using var whole = await SharedStorage.OpenAsync(shared, _service);
        await StartAsync(whole);
    }

    [Fact]
    public async Task Copy_ThatLosesItsConnections_GoesOn()
    {
        using var relay = TcpRelay.To((await RedisServer.SharedAsync()).Port);
        var (shared, manifest, cuts) = (await SharedAsync(relay), await FillAsync(Source), 0);

        var result = await CopyAsync(Source, shared, onListed: number =>
        {
            if (number % 500 != 250) return;
            cuts++;
            relay.Cut();
            relay.Mend();
        });

        Assert.Equal((Records, 40), (result.Records, result.Reminders));
        Assert.Equal(5, cuts);
        await using var whole = await SharedStorage.OpenAsync(shared, _service);
        await StartAsync(whole);
        Assert.Equal(7, (await ReadAsync(whole.State, 7)).State!.Number);
        Assert.Equal(LargeContent, (await whole.Manifests.GetAsync(manifest, Token))!.Value.ToArray());
    }

    [Fact]
    public async Task Copy_ToAServerThatIsGoneForGood_EndsAndSaysSo()
    {
        using var relay = TcpRelay.To((await RedisServer.SharedAsync()).Port);
        await FillAsync(Source);
        var error = await Assert.ThrowsAsync<StorageCopyException>(async () => await CopyAsync(Source, await SharedAsync(relay, "syncTimeout=200,asyncTimeout=200"), time: new HurriedTime(), onListed: number =>
        {
            if (number == InTheMiddle) relay.Cut();
        }));
        Assert.EndsWith(", 10 times in a row; run the same command again", error.Message, StringComparison.Ordinal);
        Assert.Equal(Records, (await CopyAsync(Source, await SharedStorage.RedisAsync())).Records);
    }

    [Fact]
    public async Task Copy_CutOffThenOfChangedData_IsRefused()
    {
        var shared = await SharedAsync(StorageKind.Redis);
        await FillAsync(Source);
        await Assert.ThrowsAsync<IOException>(() => CopyAsync(Source, shared, failAfter: InTheMiddle));
        await using (var source = await SharedStorage.OpenAsync(Source, _service))
        {
            var record = await ReadAsync(source.State, 1);
            record.State!.Number = 99;
            await source.State.WriteStateAsync("copied", Id(1), record, Token);
        }

        var error = await Assert.ThrowsAsync<StorageCopyException>(() => CopyAsync(Source, shared));
        Assert.Contains("other data", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageKind.AzureStorage)]
    [InlineData(StorageKind.Redis)]
    public async Task Copy_WhileASiloIsActive_IsRefusedUntilItIsDeadOrLongSilent(StorageKind kind)
    {
        var shared = await SharedAsync(kind);
        await FillAsync(Source);
        await using (var opened = await SharedStorage.OpenAsync(shared, _service))
        {
            var table = opened.Membership!;
            await table.InitializeMembershipTableAsync(true, Token);
            var now = DateTime.UtcNow;
            var silo = new MembershipEntry { SiloAddress = SiloAddress.New(IPAddress.Loopback, 11111, 1), SiloName = "one", HostName = "host", Status = SiloStatus.Active, StartTime = now, IAmAliveTime = now };
            Assert.True(await table.InsertRowAsync(silo, (await table.ReadAllAsync(Token)).Version.Next(), Token));
        }

        var error = await Assert.ThrowsAsync<StorageCopyException>(() => CopyAsync(Source, shared));
        Assert.Contains("silo one at 127.0.0.1:11111 is Active", error.Message, StringComparison.Ordinal);
        Assert.Equal(Records, (await CopyAsync(Source, shared, time: new LateTime(TimeSpan.FromMinutes(2)))).Records);
    }

    [Fact]
    public async Task Copy_FromADirectoryInUse_IsRefused()
    {
        await FillAsync(Source);
        await using var silo = await SharedStorage.OpenAsync(Source, _service);
        var shared = await SharedAsync(StorageKind.Redis);
        await Assert.ThrowsAsync<DataDirectoryInUseException>(() => CopyAsync(Source, shared));
    }

    [Fact]
    public async Task Copy_FromNothing_IsRefused()
    {
        var shared = await SharedAsync(StorageKind.Redis);
        Assert.Contains("there is no data", (await Assert.ThrowsAsync<StorageCopyException>(() => CopyAsync(Source, shared))).Message, StringComparison.Ordinal);
        Assert.Contains("holds no data", (await Assert.ThrowsAsync<StorageCopyException>(() => CopyAsync(shared, Source))).Message, StringComparison.Ordinal);
    }

    private static Task<StorageChoice> SharedAsync(StorageKind kind) => kind == StorageKind.Redis ? SharedStorage.RedisAsync() : SharedStorage.AzureAsync();

    private static async Task<StorageChoice> SharedAsync(TcpRelay relay, string options = "asyncTimeout=5000")
    {
        var server = await RedisServer.SharedAsync();
        return await SharedStorage.RedisAsync() with { Redis = new RedisOptions { ConnectionString = $"127.0.0.1:{relay.Port},password={server.Password},{options}" } };
    }

    private static byte[] NewContent(int length)
    {
        var content = new byte[length];
        new Random(4711).NextBytes(content);
        return content;
    }

    private static GrainId Id(int number) => GrainId.Create("gogtest", $"team/app-{number}");

    private static async Task<GrainState<ConformanceState>> ReadAsync(IGrainStorage storage, int number)
    {
        var record = new GrainState<ConformanceState>();
        await storage.ReadStateAsync("copied", Id(number), record, Token);
        return record;
    }

    /// <summary>What a silo does with the storage first.</summary>
    private static async Task StartAsync(OpenedStorage storage)
    {
        var lifecycle = new StartOnly();
        new CopyMarkCheck(storage.Backend).Participate(lifecycle);
        await lifecycle.OnStart(Token);
    }

    private async Task<string> FillAsync(StorageChoice choice)
    {
        await using var storage = await SharedStorage.OpenAsync(choice, _service);
        await Parallel.ForEachAsync(Enumerable.Range(0, Records), Token, async (number, token) => await storage.State.WriteStateAsync(
            "copied", Id(number), new GrainState<ConformanceState>(new ConformanceState { Number = number, Text = number == 0 ? new string('x', 900_000) : $"text {number}" }), token));
        for (var number = 0; number < 40; number++)
            await storage.Reminders.UpsertRow(
                new ReminderEntry { GrainId = Id(number), ReminderName = "check", StartAt = new DateTime(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc).AddTicks(1234567 + number), Period = TimeSpan.FromMinutes(3) }, Token);
        await storage.Manifests.PutAsync("kind: Namespace"u8.ToArray(), Token);
        return await storage.Manifests.PutAsync(LargeContent, Token);
    }

    private async Task<CopyResult> CopyAsync(StorageChoice from, StorageChoice to, int failAfter = int.MaxValue, TimeProvider? time = null, Action<int>? onListed = null)
    {
        var listed = 0;
        await using var copy = await StorageCopy.OpenAsync(from, to, new StorageIdentity(_service, _service), ListAsync, time ?? TimeProvider.System, Token);
        return await copy.RunAsync(isLive: false, Token);

        async IAsyncEnumerable<(string State, GrainId Grain)> ListAsync(IGrainStorage storage, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            // Two names more than there are records.
            for (var number = -1; number <= Records; number++)
            {
                if (++listed > failAfter) throw new IOException("cut off");
                onListed?.Invoke(listed);
                yield return ("copied", Id(number));
            }
        }
    }

    /// <summary>Pauses take a fiftieth.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 50 : dueTime, period);
    }

    private sealed class LateTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
