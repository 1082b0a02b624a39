using GitOpsGrains.Documents;

namespace GitOpsGrains.Abstractions.Ports.Secrets;

/// <summary>
/// Reads what a <see cref="SecretReference"/> points to, as it is now: nothing is remembered, so a changed file, variable or
/// stored credential holds from the next use on. Values are at most 1 MB.
/// </summary>
public interface ISecretReader
{
    /// <summary>
    /// The secret as text, without line ends behind it. Errors: <see cref="SecretException"/> when it is not there, can't be
    /// read, or may not be used here.
    /// </summary>
    /// <param name="purpose">Which value of a stored credential is meant.</param>
    /// <param name="url">Where the secret will be sent. A stored credential is given only for URLs that it is bound to; a kubeconfig names its server itself, and this is "".</param>
    Task<string> ReadAsync(SecretReference reference, SecretPurpose purpose, string url, CancellationToken cancellationToken);
}

/// <summary>The values that a stored credential may have.</summary>
[GenerateSerializer, Alias("gog.SecretPurpose")]
public enum SecretPurpose
{
    Password = 0,
    Token = 1,
    SshKey = 2,
    KnownHosts = 3,
    ClientCertificate = 4,
    Ca = 5,
    AppKey = 6,
    ProxyPassword = 7,
    Kubeconfig = 8,
    Webhook = 9,
    SigningKey = 10,
}

/// <summary>A secret that can't be had. The message names the reference and never holds the value.</summary>
public sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);
