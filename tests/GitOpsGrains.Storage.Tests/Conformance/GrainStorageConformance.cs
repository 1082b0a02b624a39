using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>What Orleans asks of a storage provider, whatever the backend. A provider's class opens its storage, no more.</summary>
public abstract partial class GrainStorageConformance : IAsyncLifetime
{
    private const string Name = "conformance";
    private IGrainStorage _storage = null!;

    /// <summary>In the name of a blob, \ is taken for /; keys of this project have no \.</summary>
    protected virtual bool TellsBackslashes => true;

    protected IGrainStorage Storage => _storage;

    protected abstract Task<IGrainStorage> OpenAsync();

    protected abstract Task CloseAsync();

    public async ValueTask InitializeAsync() => _storage = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Read_NothingStored_GivesFreshStateWithoutEtag()
    {
        var state = new GrainState<ConformanceState> { State = null!, ETag = "left over", RecordExists = true };
        await _storage.ReadStateAsync(Name, NewId(), state);
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal("default", state.State!.Text);
    }

    [Fact]
    public async Task Write_ThenRead_GivesTheSameStateAndEtag()
    {
        var id = NewId();
        var written = New("первое ✓ \u0001", 42);
        written.State!.Labels["team/web"] = "a=b";
        await _storage.WriteStateAsync(Name, id, written);
        var read = await ReadAsync(id);
        Assert.True(written.RecordExists);
        Assert.True(read.RecordExists);
        Assert.NotNull(written.ETag);
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equal("первое ✓ \u0001", read.State!.Text);
        Assert.Equal(42, read.State.Number);
        Assert.Equal("a=b", read.State.Labels["team/web"]);
    }

    [Fact]
    public async Task Write_NullMember_StaysNull()
    {
        var id = NewId();
        await _storage.WriteStateAsync(Name, id, New(null, 1));
        Assert.Null((await ReadAsync(id)).State!.Text);
    }

    [Theory]
    [InlineData("integer")]
    [InlineData("guid")]
    [InlineData("text")]
    [InlineData("Ключ-кириллицей")]
    public async Task Write_KindsOfKeys_AreReadBack(string kind)
    {
        var key = kind switch
        {
            "integer" => GrainIdKeyExtensions.CreateIntegerKey(Random.Shared.NextInt64()),
            "guid" => GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid()),
            _ => IdSpan.Create($"{kind}-{Guid.NewGuid():N}"),
        };
        var id = GrainId.Create(GrainType.Create("gogtest"), key);
        await _storage.WriteStateAsync(Name, id, New(kind, 7));
        Assert.Equal(kind, (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Write_WithoutEtagOverARecord_IsInconsistent()
    {
        var id = NewId();
        await _storage.WriteStateAsync(Name, id, New("first", 1));
        var second = New("second", 2);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(Name, id, second));
        Assert.Null(second.ETag);
        Assert.False(second.RecordExists);
        Assert.Equal("first", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Write_WithAnEtagOverNothing_IsInconsistent()
    {
        var id = NewId();
        var state = await WrittenThenRemovedAsync(id);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(Name, id, state));
        Assert.False((await ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task Write_WithAStaleEtag_IsInconsistentAndChangesNothing()
    {
        var id = NewId();
        await _storage.WriteStateAsync(Name, id, New("first", 1));
        var (one, two) = (await ReadAsync(id), await ReadAsync(id));
        one.State!.Text = "one";
        await _storage.WriteStateAsync(Name, id, one);
        var stale = two.ETag;
        two.State!.Text = "two";
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(Name, id, two));
        Assert.Equal(stale, two.ETag);
        Assert.Equal("one", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Write_EachTime_GivesAnotherEtag()
    {
        var id = NewId();
        var state = New("same", 1);
        var etags = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            await _storage.WriteStateAsync(Name, id, state);
            Assert.True(etags.Add(state.ETag!));
        }
    }

    [Fact]
    public async Task Clear_AfterWrite_LeavesNoRecordAndFreshState()
    {
        var id = NewId();
        var state = New("first", 1);
        await _storage.WriteStateAsync(Name, id, state);
        var written = state.ETag;
        await _storage.ClearStateAsync(Name, id, state);
        Assert.False(state.RecordExists);
        Assert.NotEqual(written, state.ETag);
        Assert.Equal("default", state.State!.Text);
        var read = await ReadAsync(id);
        Assert.False(read.RecordExists);
        Assert.Equal("default", read.State!.Text);
    }

    [Fact]
    public async Task Clear_NothingStored_IsNoError()
    {
        var state = New("never written", 1);
        await _storage.ClearStateAsync(Name, NewId(), state);
        Assert.False(state.RecordExists);
        Assert.Equal("default", state.State!.Text);
    }

    [Fact]
    public async Task Clear_Twice_IsNoError()
    {
        var id = NewId();
        var state = New("first", 1);
        await _storage.WriteStateAsync(Name, id, state);
        await _storage.ClearStateAsync(Name, id, state);
        await _storage.ClearStateAsync(Name, id, state);
        Assert.False(state.RecordExists);
        Assert.NotNull(state.State);
    }

    [Fact]
    public async Task Clear_WithAStaleEtag_IsInconsistentAndKeepsTheRecord()
    {
        var id = NewId();
        var state = New("first", 1);
        await _storage.WriteStateAsync(Name, id, state);
        var stale = await ReadAsync(id);
        state.State!.Text = "second";
        await _storage.WriteStateAsync(Name, id, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync(Name, id, stale));
        Assert.Equal("second", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Clear_WithoutEtagOverARecord_KeepsTheRecord()
    {
        var id = NewId();
        await _storage.WriteStateAsync(Name, id, New("kept", 1));
        // A provider may refuse or do nothing; it must not remove what this activation never saw.
        await Record.ExceptionAsync(() => _storage.ClearStateAsync(Name, id, New("blind", 2)));
        Assert.Equal("kept", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task WriteClearWrite_GivesANewRecord()
    {
        var id = NewId();
        var state = New("first", 1);
        await _storage.WriteStateAsync(Name, id, state);
        var first = state.ETag;
        await _storage.ClearStateAsync(Name, id, state);
        state.State = new ConformanceState { Text = "second", Number = 2 };
        await _storage.WriteStateAsync(Name, id, state);
        Assert.True(state.RecordExists);
        Assert.NotEqual(first, state.ETag);
        var read = await ReadAsync(id);
        Assert.Equal(("second", 2), (read.State!.Text, read.State.Number));
    }

    [Fact]
    public async Task Write_WithTheEtagOfAnEarlierLife_IsInconsistent()
    {
        var id = NewId();
        var earlier = await WrittenThenRemovedAsync(id);
        await InsertAgainAsync(id);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(Name, id, earlier));
        Assert.Equal("again", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task StateNames_OfOneGrain_AreApart()
    {
        var id = NewId();
        var (one, two) = (New("one", 1), New("two", 2));
        await _storage.WriteStateAsync("conformance-one", id, one);
        await _storage.WriteStateAsync("conformance-two", id, two);
        await _storage.ClearStateAsync("conformance-one", id, one);
        Assert.False((await ReadAsync(id, "conformance-one")).RecordExists);
        Assert.Equal("two", (await ReadAsync(id, "conformance-two")).State!.Text);
    }

    [Fact]
    public async Task Keys_OfThisProject_NeverCollide()
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        string[] keys = [$"{run}/app", $"{run}-app", $"{run}.app", $"{run}/a/pp", $"{run}app"];
        await WriteAllThenExpectOwnAsync(keys);
    }

    [Fact]
    public async Task Keys_WithForeignCharacters_NeverCollide()
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        string[] keys = [$"{run}/app", $"{run}_app", $"{run}\\app", $"{run}#app", $"{run}?app", $"{run}/APP", $"{run}/app ", $"{run}%2Fapp"];
        await WriteAllThenExpectOwnAsync([.. keys.Where(key => TellsBackslashes || !key.Contains('\\', StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task Write_OfAnOlderType_KeepsMembersThatItDoesNotKnow()
    {
        var id = NewId();
        var newer = new GrainState<NewerConformanceState>(new NewerConformanceState
        {
            Text = "newer", Number = 3, Flavour = "vanilla", Sizes = [1, 2, 3],
        });
        await _storage.WriteStateAsync(Name, id, newer);
        var older = await ReadAsync(id);
        Assert.Equal(2, older.State!.Version);
        older.State.Number = 4;
        await _storage.WriteStateAsync(Name, id, older);
        var read = new GrainState<NewerConformanceState>();
        await _storage.ReadStateAsync(Name, id, read);
        Assert.Equal((2, "newer", 4, "vanilla"), (read.State!.Version, read.State.Text, read.State.Number, read.State.Flavour));
        Assert.Equal([1, 2, 3], read.State.Sizes);
    }

    [Fact]
    public async Task Write_JustBelowTheLimit_IsReadBack()
    {
        var id = NewId();
        var text = new string('x', (940 * 1024));
        await _storage.WriteStateAsync(Name, id, New(text, 1));
        Assert.Equal(text, (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Write_AboveTheLimit_NamesTheGrainAndStoresNothing()
    {
        var id = NewId();
        var error = await Record.ExceptionAsync(() => _storage.WriteStateAsync(Name, id, New(new string('x', 960 * 1024), 1)));
        Assert.NotNull(error);
        Assert.Contains(id.ToString(), error.Message, StringComparison.Ordinal);
        Assert.False((await ReadAsync(id)).RecordExists);
    }

    protected static GrainId NewId() => GrainId.Create("gogtest", $"team/{Guid.NewGuid():N}");

    protected static GrainState<ConformanceState> New(string? text, int number) =>
        new(new ConformanceState { Text = text, Number = number });

    protected async Task<GrainState<ConformanceState>> ReadAsync(GrainId id, string name = Name)
    {
        var state = new GrainState<ConformanceState>();
        await _storage.ReadStateAsync(name, id, state);
        return state;
    }

    private async Task WriteAllThenExpectOwnAsync(string[] keys)
    {
        foreach (var key in keys) await _storage.WriteStateAsync(Name, GrainId.Create("gogtest", key), New(key, 1));
        foreach (var key in keys) Assert.Equal(key, (await ReadAsync(GrainId.Create("gogtest", key))).State!.Text);
    }

    /// <summary>The state with its etag as it was before another activation cleared the record.</summary>
    private async Task<GrainState<ConformanceState>> WrittenThenRemovedAsync(GrainId id)
    {
        await _storage.WriteStateAsync(Name, id, New("first", 1));
        var kept = await ReadAsync(id);
        await _storage.ClearStateAsync(Name, id, await ReadAsync(id));
        return kept;
    }

    private async Task InsertAgainAsync(GrainId id)
    {
        var fresh = await ReadAsync(id);
        fresh.State!.Text = "again";
        await _storage.WriteStateAsync(Name, id, fresh);
    }
}
