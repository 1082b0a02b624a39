namespace GitOpsGrains.Abstractions.Installations;

/// <summary>The identity of the whole installation. Key: 0.</summary>
[Alias("gog.IInstallationGrain")]
public interface IInstallationGrain : IGrainWithIntegerKey
{
    /// <summary>The stored identity, made with the given name and a random id at the very first call.</summary>
    [Alias("Ensure")]
    Task<InstallationIdentity> EnsureAsync(string name);
}

/// <param name="Name">Part of every object's target annotation; set once.</param>
/// <param name="Id">32 random hexadecimal digits, made with the data.</param>
[GenerateSerializer, Immutable, Alias("gog.InstallationIdentity")]
public sealed record InstallationIdentity([property: Id(0)] string Name, [property: Id(1)] string Id);
