using GitOpsGrains.Gateway.Hosting;
using GitOpsGrains.Storage.Hosting;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>What a silo knows of itself: its place in the membership, and whether its storage takes what it writes. All silos lose a shared storage at once, and a restart would bring none of them further: it makes them unready alone.</summary>
internal sealed class SiloVitals(ISiloStatusOracle membership, StorageBackend storage) : IVitalSign
{
    public string? Unready => membership.CurrentStatus is not SiloStatus.Active and var status ? $"this silo is {status} among the silos" : storage.Fault?.Sentence;

    /// <summary>A silo that was declared dead ends by itself; this is for one that can't.</summary>
    public string? Dead => membership.CurrentStatus == SiloStatus.Dead ? "the other silos have declared this one dead"
        : storage.Fault is { NeedsRestart: true } fault ? fault.Sentence : null;
}
