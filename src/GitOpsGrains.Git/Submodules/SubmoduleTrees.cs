using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Submodules;

/// <summary>The trees of submodules for who lists a directory that was found before: what could not be had then is an error now.</summary>
internal sealed class SubmoduleTrees(string mirror, SubmoduleFailures failures)
{
    /// <param name="path">From the directory that is listed.</param>
    /// <param name="depth">1 for one that is in no other.</param>
    public Tree Enter(Repository repository, string path, ObjectId commit, int depth)
    {
        if (depth > SubmoduleWalk.MaxDepth) throw new GitException(GitErrorKind.Submodule, $"the submodule '{path}' is nested deeper than {SubmoduleWalk.MaxDepth}");
        if (failures.Find(mirror, commit.Sha) is { } failure) throw failure;
        return repository.Lookup<Commit>(commit) is { } found
            ? TreeEntries.Read(repository, found.Tree.Id)
            : throw new GitException(GitErrorKind.Submodule, $"the submodule '{path}' is not followed: no .gitmodules names its URL");
    }
}
