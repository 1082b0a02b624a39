using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Credentials;

namespace GitOpsGrains.Git.Transport;

/// <summary>Git's upload-pack over one transport: lists refs and fetches packs. Errors: <see cref="GitException"/>.</summary>
internal interface IRemote
{
    /// <summary>Errors: also <see cref="GitErrorKind.Empty"/>.</summary>
    Task<RemoteRefs> ListRefsAsync(RemoteEndpoint endpoint, IReadOnlyList<string> prefixes, CancellationToken cancellationToken);

    /// <summary>The id to ask for to get a ref: an annotated tag's own, if the last listing showed it.</summary>
    string WantedId(RemoteEndpoint endpoint, GitRef item);

    /// <summary>Writes a pack that holds what the wanted commits reach and those that are here do not.</summary>
    Task FetchPackAsync(RemoteEndpoint endpoint, PackRequest request, Stream pack, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a pack and moves a branch from <paramref name="expected"/> (null: it is new) to a commit. Errors: also
    /// <see cref="GitErrorKind.Rejected"/>.
    /// </summary>
    Task PushAsync(RemoteEndpoint endpoint, string branch, string? expected, string commit, ReadOnlyMemory<byte> pack, CancellationToken cancellationToken);
}

/// <param name="Wants">Ids.</param>
/// <param name="Haves">Ids of commits that are here.</param>
/// <param name="Shallow">Without the parents of the wanted; those that are here came so, too.</param>
internal sealed record PackRequest(IReadOnlyList<string> Wants, IReadOnlyList<string> Haves, bool Shallow);

/// <summary>The programs that a server runs for its clients.</summary>
internal static class GitServices
{
    public const string UploadPack = "git-upload-pack";
    public const string ReceivePack = "git-receive-pack";
}

/// <summary>The transport of a URL's scheme.</summary>
internal sealed class Remotes(SmartHttpRemote http, SshRemote ssh)
{
    public IRemote For(RemoteEndpoint endpoint) => endpoint.Ssh is null ? http : ssh;
}
