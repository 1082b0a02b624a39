using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>How a cluster's session tells a target on the same silo that there is something to look at. Called from any thread; returns at once.</summary>
public interface ITargetEvents
{
    /// <summary>An object that the target claims was added, changed or removed.</summary>
    void OnObjectChanged(ResourceId id);

    /// <summary>The session became usable or unusable, or the ownership of objects moved: plan again.</summary>
    void OnSessionChanged();

    /// <summary>The session ends here and begins on another silo: go there, and write nothing more from here.</summary>
    /// <param name="home">The silo, as <see cref="SiloAddress.ToParsableString"/>.</param>
    void OnSessionLeaving(string home);

    /// <summary>Nothing is to be done on this silo: what will not be read soon is to take less room.</summary>
    Task RestAsync();
}
