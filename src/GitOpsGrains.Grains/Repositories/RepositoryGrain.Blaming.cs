using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Which commit brought an object.</summary>
public sealed partial class RepositoryGrain
{
    /// <summary>Commits that are walked back before a file's origin counts as unknown.</summary>
    private const int MaxHistory = 50_000;

    public async Task<BlameAnswer> BlameAsync(BlameOrder order, CancellationToken cancellationToken)
    {
        var render = await RenderAgainAsync(order.Source, order.Commit, order.Scope, cancellationToken);
        if (!render.IsSuccess || _renders.Find(render.SetDigest) is not { } set) return new BlameAnswer { Conditions = render.Conditions };
        var chosen = set.Objects.Where(item => order.Object is null || order.Object.Matches(item.Id)).ToArray();
        var page = chosen.Skip(order.Offset).Take(order.Limit).ToArray();
        var own = ChangedPaths.Normal(order.Source.Path);
        var files = page.Select(item => PlaceOf(own, item).File).Append(own).Distinct(StringComparer.Ordinal).ToArray();
        try
        {
            var found = await _history.LastChangesAsync(Access, order.Commit, files, MaxHistory, cancellationToken);
            return new BlameAnswer
            {
                Entries = [.. page.Select(item => EntryOf(item, own, found))],
                Rest = Math.Max(0, chosen.Length - order.Offset - page.Length),
            };
        }
        catch (GitException failure)
        {
            return new BlameAnswer { Conditions = [ConditionOf(failure)] };
        }
    }

    /// <summary>What a tool rendered may come from no file of that name: then the source's path stands for it.</summary>
    private static BlameEntry EntryOf(ManifestObject item, string own, IReadOnlyDictionary<string, CommitInfo> found)
    {
        var (file, document) = PlaceOf(own, item);
        if (!found.TryGetValue(file, out var commit)) (file, document) = (own, -1);
        return new BlameEntry(item.Id, file, document, commit is not null || found.TryGetValue(own, out commit) ? RevisionOf(commit) : null);
    }

    /// <summary>Kustomize made it of files that it does not name: their directory stands for them.</summary>
    private static (string File, int Document) PlaceOf(string own, ManifestObject item)
    {
        var (file, document) = item.Position;
        if (file is "kustomization.yaml" or "kustomization.yml" or "Kustomization") return (own, -1);
        if (own.Length == 0) return (file, document);
        // The source is that one file.
        return (own == file || own.EndsWith("/" + file, StringComparison.Ordinal) ? own : $"{own}/{file}", document);
    }

    private static Revision RevisionOf(CommitInfo info) =>
        new() { Commit = info.Id, Author = $"{info.AuthorName} <{info.AuthorEmail}>", Message = info.Message, Time = info.Time, PullRequest = PullRequests.Of(info.Message) };
}
