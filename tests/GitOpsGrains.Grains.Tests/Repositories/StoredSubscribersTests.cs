using System.Text.Json;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

/// <summary>Who uses a repository, in its state and in records, through a process that ends between any two writes.</summary>
public sealed class StoredSubscribersTests
{
    private static readonly GrainId Repository = GrainId.Create("repository", "fleet");

    private readonly RecordingStorage _storage = new();

    /// <summary>As the repository's own record has it.</summary>
    private string _stored = JsonSerializer.Serialize(new RepositoryState());

    private RepositoryState _state = new();

    [Fact]
    public async Task Set_AFew_AreInTheStateAlone()
    {
        var subscribers = await LoadAsync();

        subscribers.Set("default/web", ["eu-1", "eu-2"]);
        await WriteAsync(subscribers);

        Assert.Equal([], _storage.Names);
        Assert.Equal(0, _state.SubscriberRecords);
        var again = await LoadAsync();
        Assert.Equal(["eu-1", "eu-2"], again.Find("default/web"));
        Assert.Equal(1, again.Count);
    }

    /// <summary>A record of any storage has 960 KiB: 26,000 applications in one, or fifty of a thousand clusters each.</summary>
    [Theory]
    [InlineData(50_000, 1)]
    [InlineData(500, 1000)]
    public async Task Set_MoreThanOneRecordCanHold_AreThereAfterARestart(int applications, int clusters)
    {
        var subscribers = await LoadAsync();
        string[] names = [.. Enumerable.Range(0, clusters).Select(index => $"cluster-{index:00000}")];

        for (var index = 0; index < applications; index++) subscribers.Set(NameOf(index), names);
        await WriteAsync(subscribers);

        Assert.InRange(_stored.Length, 1, 200_000);
        Assert.InRange(_storage.LongestRecord, 1, 200_000);
        var again = await LoadAsync();
        Assert.Equal(applications, again.Count);
        Assert.Equal(Enumerable.Range(0, applications).Select(NameOf), again.Names.Order(StringComparer.Ordinal));
        Assert.Equal(names, again.Find(NameOf(applications - 1)));
        Assert.Equal(applications, again.On("cluster-00000").Count());
        Assert.Empty(again.On("cluster-99999"));
    }

    [Fact]
    public async Task Flush_OneOfManyThatChanged_WritesOneRecord()
    {
        var subscribers = await FilledAsync(10_000);
        _storage.Writes = 0;

        subscribers.Set(NameOf(9_999), ["other"]);
        Assert.False(subscribers.IsStateDirty);
        await WriteAsync(subscribers);

        Assert.Equal(1, _storage.Writes);
        Assert.Equal(["other"], (await LoadAsync()).Find(NameOf(9_999)));
    }

    [Fact]
    public async Task Remove_FromTheStateAndFromARecord_IsGoneAfterARestart()
    {
        var subscribers = await FilledAsync(10_000);

        subscribers.Remove(NameOf(0));
        subscribers.Remove(NameOf(9_999));
        subscribers.Remove("default/never-there");
        await WriteAsync(subscribers);

        var again = await LoadAsync();
        Assert.Equal(9_998, again.Count);
        Assert.Null(again.Find(NameOf(0)));
        Assert.Null(again.Find(NameOf(9_999)));
    }

    /// <summary>An application of one cluster gets a thousand: its place in the state is too small now.</summary>
    [Fact]
    public async Task Set_OneOfTheStateThatGrows_MovesAndIsNeverNowhere()
    {
        var subscribers = await FilledAsync(10_000);
        string[] many = [.. Enumerable.Range(0, 1000).Select(index => $"cluster-{index:00000}")];

        subscribers.Set(NameOf(0), many);
        await subscribers.FlushAsync();

        // The process ends before the state is written.
        var between = await LoadAsync();
        Assert.Equal(many, between.Find(NameOf(0)));
        Assert.Equal(10_000, between.Count);
        Assert.True(between.IsStateDirty);
        await WriteAsync(between);
        Assert.Equal(many, (await LoadAsync()).Find(NameOf(0)));
        Assert.DoesNotContain($"\"{NameOf(0)}\"", _stored, StringComparison.Ordinal);
    }

    /// <summary>Whoever writes the state has to know that a record comes first, also when that one was changed during a flush, or was refused.</summary>
    [Fact]
    public async Task RecordsComeFirst_IsSoUntilTheRecordOfWhatLeftTheStateIsWritten()
    {
        var subscribers = await FilledAsync(10_000);
        string[] many = [.. Enumerable.Range(0, 1000).Select(index => $"cluster-{index:00000}")];
        subscribers.Set(NameOf(9_999), ["other"]);
        Assert.False(subscribers.RecordsComeFirst);
        _storage.IsSlow = true;

        var flushing = subscribers.FlushAsync();
        subscribers.Set(NameOf(0), many);
        await flushing;
        Assert.True(subscribers.RecordsComeFirst);

        _storage.DiesAfter = 0;
        await Assert.ThrowsAsync<IOException>(subscribers.FlushAsync);
        Assert.True(subscribers.RecordsComeFirst);
        _storage.DiesAfter = null;
        await subscribers.FlushAsync();
        Assert.False(subscribers.RecordsComeFirst);
    }

    [Fact]
    public async Task Flush_AfterAProcessThatEndedBeforeTheState_WritesOverWhatItLeft()
    {
        var killed = await LoadAsync();
        for (var index = 0; index < 5_000; index++) killed.Set($"default/left-{index:00000}", ["local"]);
        await killed.FlushAsync();
        Assert.NotEmpty(_storage.Names);

        await FilledAsync(5_000);

        var again = await LoadAsync();
        Assert.Equal(5_000, again.Count);
        Assert.Null(again.Find("default/left-04999"));
    }

    [Fact]
    public async Task Flush_ThatFailed_WritesTheSameAgain()
    {
        var subscribers = await FilledAsync(10_000);
        subscribers.Set(NameOf(9_998), ["other"]);
        subscribers.Set(NameOf(9_999), ["other"]);
        _storage.DiesAfter = 1;

        await Assert.ThrowsAsync<IOException>(subscribers.FlushAsync);
        _storage.DiesAfter = null;
        await WriteAsync(subscribers);

        var again = await LoadAsync();
        Assert.Equal(["other"], again.Find(NameOf(9_998)));
        Assert.Equal(["other"], again.Find(NameOf(9_999)));
    }

    [Fact]
    public async Task Clear_LeavesNoRecord()
    {
        var subscribers = await FilledAsync(10_000);
        Assert.NotEmpty(_storage.Names);

        await subscribers.ClearAsync();

        Assert.Empty(_storage.Names);
    }

    /// <summary>Of a version that had all in one record.</summary>
    [Fact]
    public async Task Load_AStateThatHoldsMoreThanItIsToHold_KeepsThemAndPutsNewOnesIntoRecords()
    {
        for (var index = 0; index < 10_000; index++) _state.Subscribers[NameOf(index)] = ["local"];
        _stored = JsonSerializer.Serialize(_state);
        var subscribers = await LoadAsync();

        subscribers.Set("default/new", ["local"]);
        await WriteAsync(subscribers);

        Assert.Single(_storage.Names);
        var again = await LoadAsync();
        Assert.Equal(10_001, again.Count);
        Assert.Equal(["local"], again.Find("default/new"));
        Assert.Equal(["local"], again.Find(NameOf(0)));
    }

    private static string NameOf(int index) => $"default/app-{index:00000}";

    private async Task<StoredSubscribers> FilledAsync(int count)
    {
        var subscribers = await LoadAsync();
        for (var index = 0; index < count; index++) subscribers.Set(NameOf(index), ["local"]);
        await WriteAsync(subscribers);
        return subscribers;
    }

    /// <summary>As an activation that has just read its state.</summary>
    private async Task<StoredSubscribers> LoadAsync()
    {
        _state = JsonSerializer.Deserialize<RepositoryState>(_stored)!;
        var subscribers = new StoredSubscribers(_storage, Repository, () => _state);
        await subscribers.LoadAsync();
        return subscribers;
    }

    private async Task WriteAsync(StoredSubscribers subscribers)
    {
        await subscribers.FlushAsync();
        subscribers.StateTaken();
        _stored = JsonSerializer.Serialize(_state);
    }
}
