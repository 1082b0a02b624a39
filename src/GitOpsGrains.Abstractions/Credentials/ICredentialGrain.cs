using GitOpsGrains.Abstractions.Ports.Secrets;
using Orleans.Concurrency;

namespace GitOpsGrains.Abstractions.Credentials;

/// <summary>One stored credential, encrypted at rest and bound to a URL prefix. Key: its name.</summary>
[Alias("gog.ICredentialGrain")]
public interface ICredentialGrain : IGrainWithStringKey
{
    /// <summary>Replaces the credential with all of its values. Errors: <see cref="RefusalKind.Invalid"/> for a prefix that is no URL.</summary>
    [Alias("Put")]
    Task<Change> PutAsync(CredentialValues values);

    [Alias("Delete")]
    Task DeleteAsync();

    /// <summary>What may be known of it; null when there is none.</summary>
    [AlwaysInterleave, Alias("Describe")]
    Task<CredentialSummary?> DescribeAsync();

    /// <summary>As it is stored, for a silo that holds the key ring; null when there is none.</summary>
    [AlwaysInterleave, Alias("GetSealed")]
    Task<SealedCredential?> GetSealedAsync();
}

/// <summary>The values in the clear, on their way to the grain. No record: its text must not show them.</summary>
[GenerateSerializer, Immutable, Alias("gog.CredentialValues")]
public sealed class CredentialValues
{
    [Id(0)] public string UrlPrefix { get; init; } = "";

    [Id(1)] public Dictionary<SecretPurpose, string> Values { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("gog.CredentialSummary")]
public sealed record CredentialSummary
{
    [Id(0)] public string UrlPrefix { get; init; } = "";

    [Id(1)] public IReadOnlyList<SecretPurpose> Purposes { get; init; } = [];
}

/// <param name="Ciphertext">Base64 of what the data protection keys of the silos open.</param>
[GenerateSerializer, Immutable, Alias("gog.SealedCredential")]
public sealed record SealedCredential([property: Id(0)] string UrlPrefix, [property: Id(1)] string Ciphertext);
