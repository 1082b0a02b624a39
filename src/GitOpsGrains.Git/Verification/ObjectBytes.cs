using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Git.Transport;

namespace GitOpsGrains.Git.Verification;

/// <summary>
/// The bytes of commits and tags. libgit2's binding gives them only as text, which changes what is not UTF-8, so
/// <c>git cat-file</c> reads them from the mirror; each is checked against its id.
/// </summary>
internal sealed class ObjectBytes(ChildProcess processes)
{
    private const int MaxObject = 1024 * 1024;
    private const int MaxOutput = 64 * 1024 * 1024;
    private const int Batch = 200;

    /// <summary>In the order asked; null for what is not there, is no commit or tag, or is larger than 1 MB.</summary>
    public async Task<IReadOnlyList<RawObject?>> ReadAsync(string mirror, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var found = new List<RawObject?>(ids.Count);
        foreach (var batch in ids.Chunk(Batch))
        {
            var input = Encoding.ASCII.GetBytes(string.Concat(batch.Where(RefSyntax.IsObjectId).Select(id => id + "\n")));
            var result = await processes.RunAsync(
                new ChildOrder("git", ["--git-dir", mirror, "cat-file", "--batch"], mirror, MaxOutput)
                {
                    Environment = { ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_NO_REPLACE_OBJECTS"] = "1", ["GIT_NO_LAZY_FETCH"] = "1" },
                },
                input, cancellationToken);
            var byId = Parse(result.Output);
            found.AddRange(batch.Select(byId.GetValueOrDefault));
        }
        return found;
    }

    private static Dictionary<string, RawObject> Parse(ReadOnlyMemory<byte> output)
    {
        var objects = new Dictionary<string, RawObject>(StringComparer.Ordinal);
        while (output.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            var words = Encoding.ASCII.GetString(output.Span[..end]).Split(' ');
            output = output[(end + 1)..];
            if (words is not [var id, var type, var digits] || !int.TryParse(digits, CultureInfo.InvariantCulture, out var size)) continue;
            if (size >= output.Length) throw new GitException(GitErrorKind.TooLarge, "commits and tags to be verified have more than 64 MB");
            var raw = new RawObject(type, output[..size]);
            if (type is "commit" or "tag" && size <= MaxObject && IdOf(raw) == id) objects[id] = raw;
            output = output[(size + 1)..];
        }
        return objects;
    }

    private static string IdOf(RawObject raw)
    {
#pragma warning disable CA5350 // It is the hash that Git has.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{raw.Type} {raw.Bytes.Length}\0")));
        hash.AppendData(raw.Bytes.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

internal sealed record RawObject(string Type, ReadOnlyMemory<byte> Bytes);
