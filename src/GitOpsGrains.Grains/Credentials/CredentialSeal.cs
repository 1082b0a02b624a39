using System.Security.Cryptography;
using System.Text.Json;
using GitOpsGrains.Abstractions.Ports.Secrets;
using Microsoft.AspNetCore.DataProtection;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>
/// Encrypts the values of a stored credential with the installation's key ring. Its name and URL prefix are part of the
/// purpose: a ciphertext that is moved to another name or prefix in the storage can't be opened there.
/// </summary>
public sealed class CredentialSeal(IDataProtectionProvider protection)
{
    private const string Purpose = "GitOpsGrains.Credential.v1";

    public string Close(string name, string urlPrefix, IReadOnlyDictionary<SecretPurpose, string> values) =>
        Convert.ToBase64String(ProtectorOf(name, urlPrefix).Protect(JsonSerializer.SerializeToUtf8Bytes(values.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value))));

    /// <summary>Errors: <see cref="SecretException"/> when this installation's keys don't open it.</summary>
    public IReadOnlyDictionary<SecretPurpose, string> Open(string name, string urlPrefix, string ciphertext)
    {
        try
        {
            var values = JsonSerializer.Deserialize<Dictionary<string, string>>(ProtectorOf(name, urlPrefix).Unprotect(Convert.FromBase64String(ciphertext))) ?? [];
            return values.Where(pair => Enum.IsDefined(typeof(SecretPurpose), pair.Key)).ToDictionary(pair => Enum.Parse<SecretPurpose>(pair.Key), pair => pair.Value);
        }
        catch (Exception failure) when (failure is CryptographicException or FormatException or JsonException)
        {
            throw new SecretException($"the stored credential {name} can't be decrypted: the keys that it was stored with are not here", failure);
        }
    }

    private IDataProtector ProtectorOf(string name, string urlPrefix) => protection.CreateProtector(Purpose, name, urlPrefix);
}
