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
        var chosen = set.Objects.Where(item => order.Object is null || order.Object.Matches(item.Id)).OrderBy(item => item.Id).ToArray();
        var page = chosen.Skip(order.Offset).Take(order.Limit).ToArray();
        var own = ChangedPaths.Normal(order.Source.Path);
        var files = page.Select(item => FileOf(own, item)).Append(own).Distinct(StringComparer.Ordinal).ToArray();
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
        var file = FileOf(own, item);
        if (file != own && found.TryGetValue(file, out var commit)) return new BlameEntry(item.Id, file, item.Position.Document, RevisionOf(commit));
        if (!IsOfMany(item) && found.TryGetValue(own, out commit) && own.EndsWith(item.Position.File, StringComparison.Ordinal)) return new BlameEntry(item.Id, own, item.Position.Document, RevisionOf(commit));
        return new BlameEntry(item.Id, own, -1, found.TryGetValue(own, out commit) ? RevisionOf(commit) : null);
    }

    /// <summary>Kustomize made it of files that it does not name: their directory stands for them.</summary>
    private static bool IsOfMany(ManifestObject item) => item.Position.File is "kustomization.yaml" or "kustomization.yml" or "Kustomization";

    private static string FileOf(string own, ManifestObject item) =>
        IsOfMany(item) ? own
        : own.Length == 0 ? item.Position.File
        : own.EndsWith("/" + item.Position.File, StringComparison.Ordinal) || own == item.Position.File ? own
        : $"{own}/{item.Position.File}";

    private static Revision RevisionOf(CommitInfo info) =>
        new() { Commit = info.Id, Author = $"{info.AuthorName} <{info.AuthorEmail}>", Message = info.Message, Time = info.Time, PullRequest = PullRequests.Of(info.Message) };
}
