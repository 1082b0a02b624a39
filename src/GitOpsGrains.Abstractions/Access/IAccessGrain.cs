using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Access;

/// <summary>The tokens that open the API, by the SHA-256 of each. Key: 0.</summary>
[Alias("gog.IAccessGrain")]
public interface IAccessGrain : IGrainWithIntegerKey
{
    /// <summary>Makes a token an administrator's; a known one stays as it is.</summary>
    [Alias("AllowAdmin")]
    Task AllowAdminAsync(string tokenHash, string name);

    /// <summary>Makes these the only tokens of an administrator. Returns how many of those before open nothing any more.</summary>
    [Alias("SetAdmins")]
    Task<int> SetAdminsAsync(IReadOnlyList<string> tokenHashes, string name);

    /// <summary>Who the token belongs to, or null.</summary>
    [AlwaysInterleave, Alias("Verify")]
    Task<Principal?> VerifyAsync(string tokenHash);
}

[GenerateSerializer, Immutable, Alias("gog.Principal")]
public sealed record Principal([property: Id(0)] string Name, [property: Id(1)] bool IsAdmin);
