using System.Net.Http.Headers;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Git.Credentials;

/// <summary>Where a repository is and how to get in, with the secrets as they are now. Lives for one operation.</summary>
internal sealed class RemoteEndpoint
{
    public required GitUrl Url { get; init; }

    /// <summary>Who asks for what: URL and credentials, without a secret in it. What a server said is remembered by it.</summary>
    public required string Key { get; init; }

    /// <summary>Of https and http.</summary>
    public HttpAccess? Http { get; init; }

    /// <summary>Of ssh.</summary>
    public SshIdentity? Ssh { get; init; }
}

/// <summary>How requests to one HTTP server are sent.</summary>
internal sealed class HttpAccess
{
    public required Uri Url { get; init; }

    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Whether anything is sent that only the URL's own origin may see.</summary>
    public bool HasCredentials => Authorization is not null || Connection.ClientCertificate is not null;

    public required ConnectionSetup Connection { get; init; }

    /// <summary>The server answers 401: whatever was remembered to make <see cref="Authorization"/> is void.</summary>
    public Action? Refused { get; init; }
}

/// <summary>What a connection is made with. Two with the same <see cref="Key"/> may share one.</summary>
/// <param name="Key">Holds no secret in the clear.</param>
internal sealed record ConnectionSetup(string Key)
{
    public NamedSecret? Ca { get; init; }

    public NamedSecret? ClientCertificate { get; init; }

    public ProxySpec? Proxy { get; init; }

    public NamedSecret? ProxyPassword { get; init; }
}

/// <summary>The key and the hosts that ssh is given.</summary>
internal sealed record SshIdentity(NamedSecret Key, NamedSecret KnownHosts);

/// <summary>A secret and what refers to it, for messages.</summary>
internal sealed class NamedSecret(string name, string value)
{
    public string Name { get; } = name;

    public string Value { get; } = value;
}
