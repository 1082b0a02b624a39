namespace GitOpsGrains.Simulation.Hosting;

/// <summary>How a fleet is served.</summary>
public sealed record SimulatedFleetOptions
{
    /// <summary>On loopback; 0 takes a free one. Default: 0.</summary>
    public int Port { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
