using GitOpsGrains.Abstractions;
using GitOpsGrains.Storage.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace GitOpsGrains.Storage.Tests.Hosting;

/// <summary>When a shared storage counts as lost, and when as back.</summary>
public sealed class StorageHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StorageHealth _health;

    public StorageHealthTests() => _health = new StorageHealth(_time);

    [Fact]
    public void Fault_FailureShorterThanThePatience_IsNone()
    {
        _health.Failed(new TimeoutException());
        _time.Advance(StorageHealth.Patience - TimeSpan.FromSeconds(1));

        Assert.True(_health.IsFailing);
        Assert.Null(_health.Fault);
    }

    [Fact]
    public void Fault_FailureThatLasts_SaysTheLastCauseAndForHowLong_AndNeedsNoRestart()
    {
        _health.Failed(new TimeoutException());
        _time.Advance(TimeSpan.FromSeconds(25));
        _health.Failed(new StorageUnavailableException("it is away"));

        Assert.Equal(new StorageFault("it is away, and nothing was stored for 25 s", NeedsRestart: false), _health.Fault);
    }

    [Fact]
    public void Fault_OfAFailureThatWasToldToTheCaller_KeepsItsSentence()
    {
        _health.Failed(new StorageFailedException("no room left on the disk", new IOException()));
        _time.Advance(StorageHealth.Patience);

        Assert.Equal("no room left on the disk, and nothing was stored for 20 s", _health.Fault?.Sentence);
    }

    [Fact]
    public void Fault_AfterAWrite_IsNone()
    {
        _health.Failed(new TimeoutException());
        _time.Advance(TimeSpan.FromSeconds(25));
        _health.Answered(isWrite: true);

        Assert.Null(_health.Fault);
        Assert.False(_health.IsFailing);
    }

    /// <summary>A storage that is full answers reads.</summary>
    [Fact]
    public void Fault_AfterAReadAlone_Stays()
    {
        _health.Failed(new TimeoutException());
        _time.Advance(TimeSpan.FromSeconds(25));
        _health.Answered(isWrite: false);

        Assert.NotNull(_health.Fault);
        Assert.Equal(TimeSpan.Zero, _health.Silence);
    }

    [Fact]
    public void Failed_OfAWriteThatAnotherOneOvertook_IsAnAnswer()
    {
        _health.Failed(new TimeoutException());
        _health.Failed(new InconsistentStateException("another etag", "a", "b"));

        Assert.False(_health.IsFailing);
    }
}
