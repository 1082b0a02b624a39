using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Grains.Hosting;
using GitOpsGrains.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;

namespace GitOpsGrains.Grains.Tests.Hosting;

/// <summary>What ends on a silo and has something to do goes on elsewhere, not only with the next reminder.</summary>
public sealed class WakerTests : IDisposable
{
    private readonly List<string> _woken = [];
    private readonly FakeTimeProvider _time = new();
    private readonly DateTimeOffset _began;
    private readonly Waker _waker;

    public WakerTests() => (_waker, _began) = (new Waker(Stub.Of<IGrainFactory>(GrainOf), _time, NullLogger<Waker>.Instance), _time.GetUtcNow());

    [Theory]
    [InlineData(DeactivationReasonCode.DirectoryFailure)]
    [InlineData(DeactivationReasonCode.ActivationUnresponsive)]
    [InlineData(DeactivationReasonCode.DuplicateActivation)]
    [InlineData(DeactivationReasonCode.Migrating)]
    public async Task Successor_OfWhatEndedThoughItIsNeeded_IsWoken(DeactivationReasonCode reason)
    {
        _waker.WakeSuccessor(new DeactivationReason(reason, "test"), CatalogKind.Target, "default/app/one");

        await Eventually.TrueAsync(() => Woken.Count == 1, "the wake");
        Assert.Equal(["ITargetGrain default/app/one"], Woken);
    }

    [Theory]
    [InlineData(DeactivationReasonCode.ShuttingDown)]
    [InlineData(DeactivationReasonCode.ActivationIdle)]
    [InlineData(DeactivationReasonCode.HighMemoryPressure)]
    public async Task Successor_OfWhatRestsOrLeaves_IsLeftAsleep(DeactivationReasonCode reason)
    {
        _waker.WakeSuccessor(new DeactivationReason(reason, "test"), CatalogKind.Application, "default/asleep");

        // Those that are woken wait in the same queue.
        for (var other = 0; other < 20; other++) _waker.WakeSuccessor(new DeactivationReason(DeactivationReasonCode.DirectoryFailure, "test"), CatalogKind.Application, "default/other");
        await Eventually.TrueAsync(() => Woken.Count >= 20, "the others");
        Assert.DoesNotContain("IApplicationGrain default/asleep", Woken);
    }

    [Fact]
    public async Task Successor_OfWhatAnotherActivationHasOvertaken_IsWokenAfterAPause()
    {
        _waker.WakeSuccessor(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "test"), CatalogKind.Target, "default/app/one");
        _waker.WakeSuccessor(new DeactivationReason(DeactivationReasonCode.DirectoryFailure, "test"), CatalogKind.Target, "default/app/two");

        await Eventually.TrueAsync(() => Woken.Count == 1, "the one that waits for nothing");
        Assert.Equal(["ITargetGrain default/app/two"], Woken);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Woken.Count == 2;
        }, "the other");
        Assert.True(_time.GetUtcNow() - _began >= TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Wake_EachKind_AsksItsGrain()
    {
        foreach (var kind in (CatalogKind[])[CatalogKind.Cluster, CatalogKind.Repository, CatalogKind.Application, CatalogKind.Target]) await _waker.WakeAsync(kind, ["a"]);

        Assert.Equal([$"{nameof(IClusterGrain)} a", $"{nameof(IRepositoryGrain)} a", $"{nameof(IApplicationGrain)} a", $"{nameof(ITargetGrain)} a"], Woken);
    }

    public void Dispose() => _waker.Dispose();

    private List<string> Woken
    {
        get
        {
            lock (_woken) return [.. _woken];
        }
    }

    private object GrainOf(IReadOnlyList<object> asked)
    {
        var (type, name) = ((Type)asked[0], (string)asked[1]);
        object Wake(IReadOnlyList<object> _)
        {
            lock (_woken) _woken.Add($"{type.Name} {name}");
            return Task.CompletedTask;
        }
        return type == typeof(IClusterGrain) ? Stub.Of<IClusterGrain>(Wake)
            : type == typeof(IRepositoryGrain) ? Stub.Of<IRepositoryGrain>(Wake)
            : type == typeof(IApplicationGrain) ? Stub.Of<IApplicationGrain>(Wake)
            : Stub.Of<ITargetGrain>(Wake);
    }
}
