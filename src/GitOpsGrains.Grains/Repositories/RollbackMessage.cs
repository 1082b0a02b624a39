using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>What the commit of a rollback says of itself.</summary>
internal static class RollbackMessage
{
    private const int MaxSubject = 200;

    /// <param name="sources">Those that are restored.</param>
    public static string Of(RollbackOrder order, IEnumerable<SourceSpec> sources, Revision to, int files)
    {
        var path = string.Join(", ", sources.Select(source => source.Path.Trim('/')));
        var reason = order.Reason.Trim();
        return $"""
            Roll back {order.Application} to {to.Commit[..8]}
            {(reason.Length > 0 ? $"\n{reason}\n" : "")}
            Restores {files} {(files == 1 ? "file" : "files")} {(path.Length is 0 || path == "." ? "of the repository" : $"of {path}")} as they were at
            {to.Commit} ({Subject(to.Message)}).

            Requested-by: {OneLine(order.By)}

            """;
    }

    private static string Subject(string message)
    {
        var first = OneLine(message.Split('\n', 2)[0]);
        return first.Length <= MaxSubject ? first : first[..MaxSubject] + "…";
    }

    private static string OneLine(string text) => new([.. text.Trim().Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
