namespace GitOpsGrains.Gateway.Hosting;

/// <summary>Whether silos can be reached, for a gateway that is a process of its own. Inside a silo there is none.</summary>
public interface ISiloConnection
{
    bool IsOpen { get; }
}
