using GitOpsGrains.Abstractions.Ports.Secrets;

namespace GitOpsGrains.Abstractions.Credentials;

/// <summary>The values of a stored credential as REST and people name them.</summary>
public static class CredentialNames
{
    public static string Of(SecretPurpose purpose)
    {
        var name = purpose.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
