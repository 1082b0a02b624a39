using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using GitOpsGrains.Git.Transport;
using GitOpsGrains.Git.Writing;

namespace GitOpsGrains.Git.Mirrors;

/// <summary>Commits of our own, and sending them.</summary>
internal sealed partial class GitMirrors
{
    private const string Branches = "refs/heads/";

    public Task<string> WriteAsync(RepositoryAccess repository, RestoreDraft draft, CancellationToken cancellationToken) =>
        ReadAsync(repository, opened => RestoreWriter.Write(opened, draft), cancellationToken);

    public Task PushAsync(RepositoryAccess repository, string branch, string? expected, string commit, CancellationToken cancellationToken)
    {
        if (!branch.StartsWith(Branches, StringComparison.Ordinal) || !RefSyntax.IsRefName(branch)) throw new GitException(GitErrorKind.NotAllowed, "only branches are pushed to");
        var mirror = folders.For(repository);
        return WithinAsync(repository.Name, repository.Timeout, async token =>
        {
            var endpoint = await endpoints.ReadAsync(repository, token);
            if (endpoint.Url.IsFile)
            {
                return await executors.Fetching.RunAsync(() => Read(mirror, opened =>
                {
                    LocalRemote.Push(opened, endpoint.Url.Path, branch, expected, commit);
                    return true;
                }), token);
            }
            var folder = Path.Combine(folders.Incoming, Guid.NewGuid().ToString("N"));
            var pack = await executors.Reading.RunAsync(() => Read(mirror, opened => PackWriter.Write(opened, CommitReader.Find(opened, commit), folder)), token);
            await remotes.For(endpoint).PushAsync(endpoint, branch, expected, commit, pack, token);
            return true;
        }, cancellationToken);
    }
}
