using GitOpsGrains.Abstractions.Identity;
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
        var render = await RenderAgainAsync(order.Subject, cancellationToken);
        if (!render.IsSuccess && !render.IsEmpty) return new BlameAnswer { Conditions = render.Conditions };
        var (inputs, fault) = await InputsAsync(order.Subject, cancellationToken);
        if (inputs is null) return new BlameAnswer { Conditions = [fault!] };
        var all = new List<(RenderPart Part, ManifestObject Object)>();
        foreach (var part in inputs.Rendered)
        {
            var (_, answer) = await _renders.RenderPartAsync(inputs, part, known: null, cancellationToken);
            if (_renders.Find(answer.SetDigest) is { } set) all.AddRange(set.Objects.Where(item => order.Object is null || order.Object.Matches(item.Id)).Select(item => (part, item)));
        }
        all.Sort(static (left, right) => left.Object.Id.CompareTo(right.Object.Id));
        var page = all.Skip(order.Offset).Take(order.Limit).ToArray();
        try
        {
            var entries = new Dictionary<ResourceId, BlameEntry>();
            foreach (var group in page.GroupBy(item => item.Part))
                foreach (var entry in await BlameAsync(group.Key, [.. group.Select(item => item.Object)], cancellationToken)) entries[entry.Object] = entry;
            return new BlameAnswer { Entries = [.. page.Select(item => entries[item.Object.Id])], Rest = Math.Max(0, all.Count - order.Offset - page.Length) };
        }
        catch (GitException failure)
        {
            return new BlameAnswer { Conditions = [ConditionOf(failure)] };
        }
    }

    private async Task<IEnumerable<BlameEntry>> BlameAsync(RenderPart part, IReadOnlyList<ManifestObject> objects, CancellationToken cancellationToken)
    {
        var own = ChangedPaths.Normal(part.Source.Path);
        var files = objects.Select(item => PlaceOf(own, item).File).Append(own).Distinct(StringComparer.Ordinal).ToArray();
        var found = await _history.LastChangesAsync(part.Repository, part.Commit, files, MaxHistory, cancellationToken);
        return objects.Select(item => EntryOf(part.Repository.Name, item, own, found));
    }

    /// <summary>What a tool rendered may come from no file of that name: then the source's path stands for it.</summary>
    private static BlameEntry EntryOf(string repository, ManifestObject item, string own, IReadOnlyDictionary<string, CommitInfo> found)
    {
        var (file, document) = PlaceOf(own, item);
        if (!found.TryGetValue(file, out var commit)) (file, document) = (own, -1);
        return new BlameEntry(item.Id, file, document, commit is not null || found.TryGetValue(own, out commit) ? RevisionOf(commit) : null, repository);
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
