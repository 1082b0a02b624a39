using Microsoft.Extensions.Logging.Abstractions;

namespace GitOpsGrains.Storage.Tests.Conformance;

/// <summary>The lifecycle of a silo that has nothing in it but what takes part.</summary>
internal sealed class StartOnly() : LifecycleSubject(NullLogger.Instance), ISiloLifecycle
{
    public int HighestCompletedStage => int.MinValue;

    public int LowestStoppedStage => int.MaxValue;
}
