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
    private readonly Waker _waker;

    public WakerTests() => _waker = new Waker(Stub.Of<IGrainFactory>(GrainOf), new FakeTimeProvider(), NullLogger<Waker>.Instance);

    [Theory]
    [InlineData(DeactivationReasonCode.DirectoryFailure)]
    [InlineData(DeactivationReasonCode.ApplicationRequested)]
    [InlineData(DeactivationReasonCode.ActivationUnresponsive)]
    [InlineData(DeactivationReasonCode.DuplicateActivation)]
    [InlineData(DeactivationReasonCode.HighMemoryPressure)]
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
    public async Task Successor_OfWhatRestsOrLeaves_IsLeftAsleep(DeactivationReasonCode reason)
    {
        _waker.WakeSuccessor(new DeactivationReason(reason, "test"), CatalogKind.Application, "default/asleep");

        await _waker.WakeAsync(CatalogKind.Application, ["default/other"]);
        Assert.Equal(["IApplicationGrain default/other"], Woken);
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
