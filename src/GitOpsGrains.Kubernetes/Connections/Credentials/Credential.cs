using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GitOpsGrains.Kubernetes.Connections.Credentials;

/// <summary>What proves who we are, for one request. Has no text form: it must not reach a log.</summary>
/// <param name="header">Null where a client certificate says it.</param>
internal sealed class Credential(AuthenticationHeaderValue? header, X509Certificate2? certificate = null)
{
    public static Credential None { get; } = new(null);

    public AuthenticationHeaderValue? Header => header;

    public X509Certificate2? Certificate => certificate;

    /// <param name="source">Named in the error if the token can't be sent.</param>
    public static Credential Token(string token, string source, X509Certificate2? certificate = null)
    {
        var trimmed = token.Trim();
        if (trimmed.Length == 0) throw new CredentialException($"{source} is empty");
        if (trimmed.Any(letter => letter is <= ' ' or > '~')) throw new CredentialException($"{source} holds characters that no token has");
        return new Credential(new AuthenticationHeaderValue("Bearer", trimmed), certificate);
    }

    public static Credential Basic(string user, string password, X509Certificate2? certificate) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))), certificate);

    public override string ToString() => nameof(Credential);
}

/// <summary>Credentials can't be obtained; the message names the cause and holds no secret.</summary>
internal sealed class CredentialException(string message, Exception? inner = null) : Exception(message, inner);
