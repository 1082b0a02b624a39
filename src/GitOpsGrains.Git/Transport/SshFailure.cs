using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;

namespace GitOpsGrains.Git.Transport;

/// <summary>Why a session ended early, from what the ssh program printed in the C locale. Pure.</summary>
internal static class SshFailure
{
    private static readonly (string Sign, GitErrorKind Kind, Func<RemoteEndpoint, string> Message)[] Known =
    [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", GitErrorKind.Unreachable, endpoint => $"{Place(endpoint)} shows another host key than the known hosts ({endpoint.Ssh!.KnownHosts.Name}) have for it"),
        ("Host key verification failed", GitErrorKind.Unreachable, endpoint => $"the host {Place(endpoint)} is not in the known hosts ({endpoint.Ssh!.KnownHosts.Name}), or not with this key"),
        ("Load key", GitErrorKind.SecretMissing, endpoint => $"the {endpoint.Ssh!.Key.Name} holds no ssh private key, or one with a passphrase"),
        ("incorrect passphrase", GitErrorKind.SecretMissing, endpoint => $"the {endpoint.Ssh!.Key.Name} holds an ssh private key with a passphrase"),
        ("Permission denied", GitErrorKind.AccessDenied, endpoint => $"{Place(endpoint)} refuses the ssh key ({endpoint.Ssh!.Key.Name})"),
        ("Could not resolve hostname", GitErrorKind.Unreachable, endpoint => $"the name {endpoint.Url.Host} does not resolve"),
        ("Connection timed out", GitErrorKind.TimedOut, endpoint => $"no connection to {Place(endpoint)} in time"),
        ("Connection refused", GitErrorKind.Unreachable, endpoint => $"no connection to {Place(endpoint)}"),
        ("does not appear to be a git repository", GitErrorKind.RepositoryNotFound, _ => "the server knows no such repository"),
        ("Repository not found", GitErrorKind.RepositoryNotFound, _ => "the server knows no such repository, or hides it"),
        ("could not be found", GitErrorKind.RepositoryNotFound, _ => "the server knows no such repository, or hides it"),
    ];

    public static GitException Of(RemoteEndpoint endpoint, int exitCode, string errors, Exception cause)
    {
        foreach (var (sign, kind, message) in Known)
            if (errors.Contains(sign, StringComparison.OrdinalIgnoreCase))
                return new GitException(kind, message(endpoint), cause);
        if (cause is GitException { Message: { } said } && errors.Length == 0) return new GitException(GitErrorKind.Unreachable, said, cause);
        var what = errors.Length == 0 ? "" : $": {ServerError.Printable(errors)}";
        return new GitException(GitErrorKind.Unreachable, $"the ssh connection to {Place(endpoint)} ended early ({exitCode}){what}", cause);
    }

    private static string Place(RemoteEndpoint endpoint) => endpoint.Url.Port == 22 ? endpoint.Url.Host : $"{endpoint.Url.Host}:{endpoint.Url.Port}";
}
