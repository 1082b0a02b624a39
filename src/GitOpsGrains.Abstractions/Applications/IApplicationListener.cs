using GitOpsGrains.Abstractions.Targets;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Applications;

/// <summary>News for an application. May be lost: the application pulls the truth, and its reminder does so anyway.</summary>
[Alias("gog.IApplicationListener")]
public interface IApplicationListener : IGrainWithStringKey
{
    /// <summary>The tree of the application's source changed.</summary>
    [OneWay, AlwaysInterleave, Alias("OnSourceChanged")]
    Task OnSourceChangedAsync(string commit);

    /// <summary>A target has something new to say, and says it.</summary>
    [OneWay, AlwaysInterleave, Alias("OnTargetChanged")]
    Task OnTargetChangedAsync(TargetSummary summary);

    /// <summary>A cluster has other labels, or can be asked for its version now.</summary>
    [OneWay, AlwaysInterleave, Alias("OnClusterChanged")]
    Task OnClusterChangedAsync(string cluster);

    /// <summary>The project's document is another.</summary>
    [OneWay, AlwaysInterleave, Alias("OnProjectChanged")]
    Task OnProjectChangedAsync();
}
