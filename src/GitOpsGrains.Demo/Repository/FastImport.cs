using System.Globalization;
using System.Text;

namespace GitOpsGrains.Demo.Repository;

/// <summary>Commits as a stream for <c>git fast-import</c>: one process makes them all, with authors and times as given.</summary>
internal static class FastImport
{
    private const string Prefix = "sample/";

    /// <param name="mark">A ref that is set to the last of them.</param>
    /// <param name="isNew">The branch begins with them.</param>
    public static byte[] Of(IReadOnlyList<SampleCommit> commits, string branch, string mark, bool isNew, DateTimeOffset now)
    {
        using var stream = new MemoryStream();
        for (var i = 0; i < commits.Count; i++)
        {
            var commit = commits[i];
            var person = string.Create(CultureInfo.InvariantCulture, $"{commit.Author} <{commit.Email}> {(now - commit.Age).ToUnixTimeSeconds()} +0000");
            Line(stream, $"commit {branch}\nmark :{i + 1}\nauthor {person}\ncommitter {person}");
            Data(stream, Encoding.UTF8.GetBytes(commit.Message + "\n"));
            if (i == 0 && !isNew) Line(stream, $"from {branch}^0");
            foreach (var path in commit.Deleted) Line(stream, $"D {path}");
            foreach (var (path, content) in FilesOf(commit.Folder))
            {
                Line(stream, $"M 100644 inline {path}");
                Data(stream, content);
            }

            if (commit.Tag is not null) Line(stream, $"reset refs/tags/{commit.Tag}\nfrom :{i + 1}\n");
        }

        Line(stream, $"reset {mark}\nfrom :{commits.Count}\n");
        return stream.ToArray();
    }

    private static IEnumerable<(string Path, byte[] Content)> FilesOf(string folder)
    {
        var assembly = typeof(FastImport).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            // The names have the separators of the machine that built them.
            var path = name.Replace('\\', '/');
            if (!path.StartsWith($"{Prefix}{folder}/", StringComparison.Ordinal)) continue;
            using var resource = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            resource.CopyTo(content);
            yield return (path[(Prefix.Length + folder.Length + 1)..], content.ToArray());
        }
    }

    private static void Line(MemoryStream stream, string text) => stream.Write(Encoding.UTF8.GetBytes(text + "\n"));

    private static void Data(MemoryStream stream, byte[] content)
    {
        Line(stream, string.Create(CultureInfo.InvariantCulture, $"data {content.Length}"));
        stream.Write(content);
        Line(stream, "");
    }
}
