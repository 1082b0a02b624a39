using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Access;

/// <summary>The tokens that open the API, by the SHA-256 of each. Key: 0.</summary>
[Alias("gog.IAccessGrain")]
public interface IAccessGrain : IGrainWithIntegerKey
{
    /// <summary>Makes these the only tokens of an administrator: those that he had before open nothing any more.</summary>
    /// <param name="tokenHashes">Separated by commas. An older silo gives one, and an older grain takes several for one that nobody has.</param>
    [Alias("AllowAdmin")]
    Task AllowAdminAsync(string tokenHashes, string name);

    /// <summary>Who the token belongs to, or null.</summary>
    [AlwaysInterleave, Alias("Verify")]
    Task<Principal?> VerifyAsync(string tokenHash);
}

[GenerateSerializer, Immutable, Alias("gog.Principal")]
public sealed record Principal([property: Id(0)] string Name, [property: Id(1)] bool IsAdmin);
