using GitOpsGrains.Testing;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests;

/// <summary>Whoever is to be told hears it in the end, and keeps nobody else waiting.</summary>
public sealed class InsistenceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _asked = [];
    private readonly List<string> _reports = [];
    private readonly Dictionary<string, int> _failures = [];
    private readonly Dictionary<string, TaskCompletionSource> _hanging = [];

    [Fact]
    public async Task Add_OneThatFails_IsAskedAgainAloneUntilItAnswers()
    {
        _failures["b"] = 2;

        await Insistence().AddAsync(["a", "b", "c"]);
        Assert.Equal(["a", "b", "c"], _asked);
        _time.Advance(Insistence<string>.FirstPause);
        Assert.Equal(["a", "b", "c", "b"], _asked);
        _time.Advance(2 * Insistence<string>.FirstPause);
        Assert.Equal(["a", "b", "c", "b", "b"], _asked);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(5, _asked.Count);
        Assert.Equal(["1 b", "1 b"], _reports);
    }

    [Fact]
    public async Task Add_ManyThatFail_ReportsThemOnceARound()
    {
        _failures["a"] = _failures["b"] = 1;

        await Insistence().AddAsync(["a", "b", "c"]);

        Assert.Equal(["2 a"], _reports);
    }

    [Fact]
    public async Task Add_OneThatHangs_KeepsNoOtherWaiting()
    {
        _hanging["a"] = new TaskCompletionSource();

        var round = Insistence(atOnce: 2).AddAsync(["a", "b", "c"]);
        await Eventually.TrueAsync(() => _asked.SequenceEqual(["a", "b", "c"]), "all asked");

        Assert.False(round.IsCompleted);
        _hanging["a"].SetResult();
        await round;
    }

    [Fact]
    public async Task Add_MoreThanAtOnce_AsksTheNextWhenOneHasAnswered()
    {
        _hanging["a"] = new TaskCompletionSource();
        _hanging["b"] = new TaskCompletionSource();

        var round = Insistence(atOnce: 2).AddAsync(["a", "b", "c"]);
        Assert.Equal(["a", "b"], _asked);
        _hanging["b"].SetResult();
        await Eventually.TrueAsync(() => _asked.SequenceEqual(["a", "b", "c"]), "the third asked");

        Assert.False(round.IsCompleted);
        _hanging["a"].SetResult();
        await round;
    }

    [Fact]
    public async Task Add_WhileTheSameIsBeingAsked_AsksOnceMore()
    {
        _hanging["a"] = new TaskCompletionSource();
        var insistence = Insistence();

        var first = insistence.AddAsync(["a"]);
        var second = insistence.AddAsync(["a"]);
        _hanging["a"].SetResult();

        await Task.WhenAll(first, second);
        Assert.Equal(["a", "a"], _asked);
    }

    [Fact]
    public async Task Pause_AfterManyFailures_IsAMinute()
    {
        _failures["a"] = 6;
        await Insistence().AddAsync(["a"]);

        foreach (var seconds in (int[])[5, 10, 20, 40, 60, 60])
        {
            var before = _asked.Count;
            _time.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal(before, _asked.Count);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(before + 1, _asked.Count);
        }
    }

    [Fact]
    public async Task Pause_OfOneThatNeverAnswers_IsItsOwn()
    {
        var insistence = Insistence();
        _failures["a"] = int.MaxValue;
        await insistence.AddAsync(["a"]);
        foreach (var seconds in (int[])[5, 10, 20, 40]) _time.Advance(TimeSpan.FromSeconds(seconds));

        _failures["b"] = 1;
        await insistence.AddAsync(["a", "b"]);
        _time.Advance(Insistence<string>.FirstPause);

        Assert.Equal(["a", "b", "b"], _asked[^3..]);
    }

    [Fact]
    public async Task AddLater_OneThatAnswers_IsAskedOnceAfterThePause()
    {
        Insistence().AddLater("a");

        Assert.Empty(_asked);
        _time.Advance(Insistence<string>.FirstPause);
        await Eventually.TrueAsync(() => _asked.Count == 1, "the question");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["a"], _asked);
    }

    [Fact]
    public async Task AddLater_OneThatAnswersBefore_IsNotAskedAgain()
    {
        var insistence = Insistence();
        insistence.AddLater("a");

        await insistence.AddAsync(["a"]);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(["a"], _asked);
    }

    [Fact]
    public async Task Stop_WithOneThatHasNotAnswered_AsksNobodyAnyMore()
    {
        _failures["a"] = 10;
        var insistence = Insistence();
        await insistence.AddAsync(["a"]);

        await _stopping.CancelAsync();
        _time.Advance(TimeSpan.FromHours(1));
        await insistence.AddAsync(["b"]);

        Assert.Equal(["a"], _asked);
    }

    public void Dispose() => _stopping.Dispose();

    private Insistence<string> Insistence(int atOnce = 8) => new(atOnce, AskAsync, (count, one, _) => _reports.Add($"{count} {one}"), _time, _stopping.Token);

    private Task AskAsync(string name)
    {
        _asked.Add(name);
        if (_hanging.TryGetValue(name, out var hanging)) return hanging.Task;
        if (_failures.GetValueOrDefault(name) == 0) return Task.CompletedTask;
        _failures[name]--;
        throw new TimeoutException($"{name} does not answer");
    }
}
