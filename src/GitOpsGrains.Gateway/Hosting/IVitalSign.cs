namespace GitOpsGrains.Gateway.Hosting;

/// <summary>What a host knows of itself beside whether it is up. Asks nobody: it is looked at with every probe.</summary>
public interface IVitalSign
{
    /// <summary>Why requests should go elsewhere; null when they may come.</summary>
    string? Unready { get; }

    /// <summary>What only a restart mends; null when there is no such thing.</summary>
    string? Dead { get; }
}
