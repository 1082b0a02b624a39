using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Grains.Targets;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Tests.Targets;

/// <summary>The records of an inventory, through growth and crashes between any two writes.</summary>
public sealed class TargetInventoryTests
{
    private static readonly GrainId Target = GrainId.Create("target", "default/web/local");

    private readonly RecordingStorage _storage = new();

    [Fact]
    public async Task Flush_ChangedEntry_WritesOneRecord()
    {
        var inventory = await FilledAsync(1000);
        _storage.Writes = 0;

        inventory.Set(Entry(7) with { Uid = "new" });
        await inventory.FlushAsync();

        Assert.Equal(1, _storage.Writes);
        Assert.Equal("new", (await LoadAsync(inventory.Records)).Find(Entry(7).Id)?.Uid);
    }

    [Theory]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(1000, 4)]
    [InlineData(100_000, 64)]
    public async Task Grow_ForSoManyEntries_HasSoManyRecords(int entries, int records)
    {
        var inventory = new TargetInventory(_storage, Target);
        var stored = new List<int>();

        await inventory.GrowAsync(entries, number => Store(stored, number));
        await inventory.GrowAsync(entries, number => Store(stored, number));

        Assert.Equal(records, inventory.Records);
        Assert.Equal([records, records], stored);
    }

    [Fact]
    public async Task Flush_WhileTheNewNumberIsBeingStored_WritesNothingBeforeIt()
    {
        var inventory = await FilledAsync(300);
        var storing = new TaskCompletionSource();
        var growing = inventory.GrowAsync(1000, _ => storing.Task);
        inventory.Set(Entry(999));
        _storage.DiesAfter = 0;

        var flushing = inventory.FlushAsync();

        Assert.False(flushing.IsCompleted);
        _storage.DiesAfter = null;
        storing.SetResult();
        await growing;
        await flushing;
        Assert.Equal(301, (await LoadAsync(inventory.Records)).Entries.Count);
    }

    [Fact]
    public async Task Flush_BesideAnother_CarriesTheEtagOfTheFirst()
    {
        var inventory = await FilledAsync(1);
        _storage.IsSlow = true;
        inventory.Set(Entry(0) with { Uid = "first" });
        var first = inventory.FlushAsync();
        inventory.Set(Entry(0) with { Uid = "second" });

        await Task.WhenAll(first, inventory.FlushAsync());

        Assert.Equal("second", (await LoadAsync(inventory.Records)).Find(Entry(0).Id)?.Uid);
    }

    private static Task Store(List<int> stored, int number)
    {
        stored.Add(number);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Flush_ThatDiesAnywhereWhileGrowing_LosesNoEntry()
    {
        for (var survived = 0; survived <= 4; survived++)
        {
            _storage.Clear();
            var inventory = await FilledAsync(300);
            await inventory.GrowAsync(1000, _ => Task.CompletedTask);
            inventory.Set(Entry(999));
            _storage.DiesAfter = survived;
            if (survived < 4) await Assert.ThrowsAsync<IOException>(inventory.FlushAsync);
            else await inventory.FlushAsync();
            _storage.DiesAfter = null;

            // The target's state names the new number of records before the flush.
            var revived = await LoadAsync(inventory.Records);

            Assert.Equal(Enumerable.Range(0, 300).Select(index => Entry(index).Id).Order(), revived.Entries.Keys.Where(id => id != Entry(999).Id).Order());
            await revived.FlushAsync();
            Assert.Equal(revived.Entries.Count, (await LoadAsync(revived.Records)).Entries.Count);
        }
    }

    [Fact]
    public async Task Flush_ThatFails_IsStillDirtyAndSucceedsLater()
    {
        var inventory = await FilledAsync(10);
        inventory.Set(Entry(3) with { Uid = "new" });
        _storage.DiesAfter = 0;
        await Assert.ThrowsAsync<IOException>(inventory.FlushAsync);
        _storage.DiesAfter = null;

        Assert.True(inventory.IsDirty);
        await inventory.FlushAsync();
        Assert.Equal("new", (await LoadAsync(inventory.Records)).Find(Entry(3).Id)?.Uid);
    }

    [Fact]
    public async Task Remove_Entry_IsGoneAfterALoad()
    {
        var inventory = await FilledAsync(10);
        inventory.Remove(Entry(3).Id);
        await inventory.FlushAsync();

        var loaded = await LoadAsync(inventory.Records);
        Assert.Null(loaded.Find(Entry(3).Id));
        Assert.Equal(9, loaded.Entries.Count);
    }

    [Fact]
    public void TakeForState_OfFewEntries_HasThemAll()
    {
        var inventory = new TargetInventory(_storage, Target);
        for (var index = 0; index < TargetInventory.MaxInState; index++)
        {
            Assert.True(inventory.FitsInState(1));
            inventory.Set(Entry(index));
        }

        Assert.False(inventory.FitsInState(1));
        Assert.True(inventory.IsDirty);
        Assert.Equal(TargetInventory.MaxInState, inventory.TakeForState()!.Count);
        Assert.False(inventory.IsDirty);
        inventory.StateFailed();
        Assert.True(inventory.IsDirty);
        Assert.Equal(0, _storage.Writes);
    }

    [Fact]
    public async Task TakeForState_WhileTheEntriesMoveIntoRecords_LeavesTheStateAsItIs()
    {
        var inventory = new TargetInventory(_storage, Target);
        for (var index = 0; index < TargetInventory.MaxInState; index++) inventory.Set(Entry(index));
        var inState = inventory.TakeForState()!;
        await inventory.GrowAsync(17, _ => Task.CompletedTask);
        inventory.Set(Entry(16));

        Assert.Null(inventory.TakeForState());
        // Killed between the number and the records, twice.
        var revived = new TargetInventory(_storage, Target);
        await revived.LoadAsync(inventory.Records, inState);
        Assert.Equal(inState.Select(entry => entry.Id).Order(), revived.Entries.Keys.Order());
        Assert.Null(revived.TakeForState());
        await revived.FlushAsync();

        Assert.Equal([], revived.TakeForState()!);
        Assert.Equal(TargetInventory.MaxInState, (await LoadAsync(revived.Records)).Entries.Count);
    }

    private async Task<TargetInventory> FilledAsync(int count)
    {
        var inventory = new TargetInventory(_storage, Target);
        await inventory.GrowAsync(count, _ => Task.CompletedTask);
        for (var index = 0; index < count; index++) inventory.Set(Entry(index));
        await inventory.FlushAsync();
        return inventory;
    }

    private async Task<TargetInventory> LoadAsync(int records)
    {
        var inventory = new TargetInventory(_storage, Target);
        await inventory.LoadAsync(records, []);
        return inventory;
    }

    private static InventoryEntry Entry(int index) => new() { Id = new ResourceId("", "ConfigMap", "web", $"item-{index:0000}"), ApiVersion = "v1", Uid = $"uid-{index}" };
}
