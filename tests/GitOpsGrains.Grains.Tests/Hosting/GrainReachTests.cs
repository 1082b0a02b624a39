using GitOpsGrains.Abstractions;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Tests.Hosting;

public sealed class GrainReachTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Exception> _reported = [];

    [Fact]
    public async Task Ask_WhatIsOutOfReachAtFirst_AnswersWhenItCanBeReached()
    {
        var failures = new Queue<Exception>([new OrleansException("gone"), new SiloUnavailableException(), new TimeoutException()]);

        var asking = AskAsync(() => failures.TryDequeue(out var failure) ? Task.FromException<int>(failure) : Task.FromResult(7));
        for (var again = 0; again < 3; again++)
        {
            Assert.False(asking.IsCompleted);
            _time.Advance(GrainReach.Pause);
        }

        Assert.Equal(7, await asking);
        Assert.Equal(3, _reported.Count);
    }

    [Fact]
    public async Task Ask_WhatTheStorageRefuses_IsNotAskedAgain()
    {
        await Assert.ThrowsAsync<StorageFailedException>(() => AskAsync(() => Task.FromException<int>(new StorageFailedException("full", new IOException()))));
        Assert.Empty(_reported);
    }

    private Task<int> AskAsync(Func<Task<int>> ask) => GrainReach.AskAsync(ask, GrainReach.IsOutOfReach, _reported.Add, _time, TestContext.Current.CancellationToken);
}
