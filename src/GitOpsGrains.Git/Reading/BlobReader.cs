using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Transport;
using LibGit2Sharp;

namespace GitOpsGrains.Git.Reading;

internal static class BlobReader
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(
        Repository repository, IReadOnlyList<string> ids, long maxBytes, CancellationToken cancellationToken)
    {
        var contents = new ReadOnlyMemory<byte>[ids.Count];
        for (var index = 0; index < ids.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            contents[index] = Read(repository, ids[index], maxBytes);
        }
        return contents;
    }

    public static byte[] Read(Repository repository, string id, long maxBytes)
    {
        if (!RefSyntax.IsObjectId(id)) throw new GitException(GitErrorKind.PathNotFound, "a blob's id is no object id");
        // The header tells the size before anything is unpacked.
        var size = Size(repository, new ObjectId(id));
        if (size > Math.Min(maxBytes, Array.MaxLength))
            throw new GitException(GitErrorKind.TooLarge, $"blob {id} has {size} bytes, more than {maxBytes}");
        var blob = repository.Lookup<Blob>(id) ?? throw new GitException(GitErrorKind.PathNotFound, $"{id} is no blob");
        var content = new byte[size];
        using var stream = blob.GetContentStream();
        stream.ReadExactly(content);
        return content;
    }

    public static long Size(Repository repository, ObjectId id) =>
        (repository.ObjectDatabase.RetrieveObjectMetadata(id)
            ?? throw new GitException(GitErrorKind.Malformed, $"the mirror lacks the object {id.Sha}")).Size;
}
