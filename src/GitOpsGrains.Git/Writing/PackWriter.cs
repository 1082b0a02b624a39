using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Reading;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Writing;

/// <summary>Packs one commit with what it has and its parent has not.</summary>
internal static class PackWriter
{
    private const int MaxObjects = 100_000;
    private const long MaxBytes = 100 * 1024 * 1024;

    /// <param name="folder">A place for the file; it must not exist, and is gone afterwards.</param>
    public static byte[] Write(Repository repository, Commit commit, string folder)
    {
        var changes = TreeComparer.Compare(repository, commit.Parents.Single().Tree, commit.Tree, MaxObjects)
            ?? throw new GitException(GitErrorKind.TooLarge, $"the commit changes more than {MaxObjects} paths");
        Directory.CreateDirectory(folder);
        try
        {
            repository.ObjectDatabase.Pack(new PackBuilderOptions(folder), builder =>
            {
                builder.Add(commit.Id);
                foreach (var id in changes.Select(change => change.ToId).Where(id => id.Length > 0).Distinct(StringComparer.Ordinal))
                    if (repository.Lookup(id) is { } present and not Commit) builder.Add(present.Id);
            });
            var file = new FileInfo(Directory.GetFiles(folder, "*.pack").Single());
            return file.Length <= MaxBytes ? File.ReadAllBytes(file.FullName) : throw new GitException(GitErrorKind.TooLarge, $"the commit has {file.Length} bytes, more than {MaxBytes}");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
