using System.Collections.Concurrent;
using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Installations;
using GitOpsGrains.Abstractions.Ports.Manifests;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Tests.Hosting;

/// <summary>The start of a silo among others that are dead and not yet declared so.</summary>
public sealed class SupervisorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lifecycle _lifecycle = new();
    private int _asked;

    [Fact]
    public async Task Start_GrainOnASiloThatIsGone_IsAskedAgainUntilItAnswers()
    {
        var starting = StartAsync(() => _asked <= 2 ? throw new SiloUnavailableException("the target silo is no longer active") : new InstallationIdentity("default", "id-1"));

        await AdvanceUntilAsync(starting);

        await starting;
        Assert.Equal(3, _asked);
        await _lifecycle.Observer!.OnStop(CancellationToken.None);
    }

    [Fact]
    public async Task Start_AnotherInstallationsName_Fails() =>
        await Assert.ThrowsAsync<InstallationNameException>(() => StartAsync(() => new InstallationIdentity("other", "id-1")));

    [Fact]
    public async Task Start_StorageThatRefuses_FailsAtOnce()
    {
        await Assert.ThrowsAsync<StorageFailedException>(() => StartAsync(() => throw new StorageFailedException("no", new IOException("no"))));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task Clean_StorageThatFailsOnce_IsSweptTheNextDayAgain()
    {
        var (start, sweeps, log) = (_time.GetUtcNow(), new ConcurrentQueue<DateTimeOffset>(), new LogLines());
        await StartAsync(() => new InstallationIdentity("default", "id-1"), log, before =>
        {
            sweeps.Enqueue(before);
            return sweeps.Count == 1 ? throw new IOException("the server is away") : Task.FromResult(7);
        });

        foreach (var count in Enumerable.Range(1, 3))
            await Eventually.TrueAsync(() =>
            {
                if (sweeps.Count < count) _time.Advance(TimeSpan.FromMinutes(30));
                return sweeps.Count == count;
            }, $"sweep {count}");

        // The sweep looks back 14 days.
        Assert.InRange(sweeps.First().AddDays(14) - start, TimeSpan.FromHours(1), TimeSpan.FromHours(3));
        await Eventually.TrueAsync(() => log.Text.Contains("Removed 7 manifest sets", StringComparison.Ordinal), "the next sweeps");
        Assert.Contains("the server is away", log.Text, StringComparison.Ordinal);
        await _lifecycle.Observer!.OnStop(CancellationToken.None);
    }

    private Task StartAsync(Func<InstallationIdentity> answer, LogLines? log = null, Func<DateTimeOffset, Task<int>>? sweep = null)
    {
        var installation = Stub.Of<IInstallationGrain>(_ => AskAsync(answer));
        var grains = Stub.Of<IGrainFactory>(asked => asked.Contains(typeof(IInstallationGrain)) ? installation : throw new SiloUnavailableException("no catalog yet"));
        new Supervisor(
            grains, new Waker(grains, _time, NullLogger<Waker>.Instance), Stub.Of<IManifestStore>(asked => sweep?.Invoke((DateTimeOffset)asked[0]) ?? throw new NotSupportedException()), Stub.Of<IClusterMembershipService>(_ => throw new NotSupportedException()),
            Stub.Of<ILocalSiloDetails>(_ => throw new NotSupportedException()), Options.Create(new GitOpsGrainsOptions { Installation = "default" }), _time, new LoggerFactory(log is null ? [] : [log]).CreateLogger<Supervisor>())
            .Participate(_lifecycle);
        return _lifecycle.Observer!.OnStart(CancellationToken.None);
    }

    private async Task<InstallationIdentity> AskAsync(Func<InstallationIdentity> answer)
    {
        await Task.Yield();
        _asked++;
        return answer();
    }

    private Task AdvanceUntilAsync(Task done) => Eventually.TrueAsync(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return done.IsCompleted;
    }, "the start");

    private sealed class Lifecycle : ISiloLifecycle
    {
        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Observer = observer;
            return new MemoryStream();
        }
    }
}
