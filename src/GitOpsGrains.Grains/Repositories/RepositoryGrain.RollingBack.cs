using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Applications;
using GitOpsGrains.Grains.Hosting;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>A rollback is a commit: the files that an application reads, as they were.</summary>
public sealed partial class RepositoryGrain
{
    private const string BranchPrefix = "refs/heads/";
    private const int MaxRollbackChanges = 100_000;
    private const int MaxPushes = 3;

    public async Task<RollbackAnswer> RollBackAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        if (Document is null) return Refused($"there is no repository {Name}");
        if (Verifies(Document) && order is { Branch: null, DryRun: false })
            return Refused("only signed commits are rendered from this repository, and a rollback's is not: push it to a branch (--branch), and sign the merge");
        if (!order.IncludeShared && _subscribers.Names.FirstOrDefault(name => _subscriptions.Find(name) is null) is { } silent)
            return Refused($"the application {silent} has not said yet since the start what it reads of the repository; try again in a moment");
        try
        {
            for (var attempt = 1; ; attempt++)
                if (await TryRollBackAsync(order, isLast: attempt == MaxPushes, cancellationToken) is { } answer)
                    return answer;
        }
        catch (GitException failure)
        {
            return Refused(failure.Message);
        }
    }

    /// <summary>Null: somebody pushed in between, and the restore is to be made anew on top of that.</summary>
    private async Task<RollbackAnswer?> TryRollBackAsync(RollbackOrder order, bool isLast, CancellationToken cancellationToken)
    {
        var access = Access;
        var tip = await ResolveAsync(order.Followed, fresh: true, cancellationToken);
        if (tip.Revision is not { } head) return Refused(tip.Condition!.Message);
        var wanted = await LookUpAsync(new RefQuery(order.To), cancellationToken);
        if (wanted.Revision is not { } to) return Refused(wanted.Condition!.Message);
        if (await BranchOfAsync(access, head, cancellationToken) is not { } followed)
            return Refused($"the application follows {(head.Ref.Length > 0 ? head.Ref : "a commit")}, which is no branch: name a revision in its document instead");
        if (await _history.CompareAsync(access, head.Commit, to.Commit, MaxRollbackChanges, cancellationToken) is not { } changes)
            return Refused($"more than {MaxRollbackChanges} paths differ from {to.Commit[..8]}");
        var (own, shared) = await ChooseAsync(access, order, head.Commit, to.Commit, changes, cancellationToken);
        var files = order.IncludeShared ? [.. own.Concat(shared.Select(item => item.File)).Order(StringComparer.Ordinal)] : own;
        if (files.Count == 0)
            return Refused(shared.Count == 0
                ? $"what the application reads is as it was at {to.Commit[..8]} already"
                : $"only shared files differ from {to.Commit[..8]}; to restore them: --include-shared ({string.Join(", ", shared.Take(5).Select(item => item.File))})");
        var view = new RollbackView
        {
            To = to.Commit,
            Source = order.Subject.Sources.Count > 1 ? SourceChoice.LabelOf(SourcesOf(order).First()) : null,
            Branch = order.Branch is null ? followed : BranchPrefix + order.Branch,
            Message = RollbackMessage.Of(order, SourcesOf(order).Where(source => source.IsRendered), to, files.Count),
            Files = [.. files.Take(RollbackView.MaxFiles)],
            Shared = [.. shared.Take(RollbackView.MaxFiles)],
        };
        var commit = await _writer.WriteAsync(access, new RestoreDraft(head.Commit, to.Commit, files, view.Message, _options.Committer.Name, _options.Committer.Email, order.At), cancellationToken);
        view = view with { Commit = commit };
        if (order.DryRun) return new RollbackAnswer { Rollback = view };
        try
        {
            await _writer.PushAsync(access, view.Branch, order.Branch is null ? head.Commit : null, commit, cancellationToken);
        }
        catch (GitException refused) when (refused.Kind == GitErrorKind.Rejected && order.Branch is null && !isLast)
        {
            var now = await ResolveAsync(order.Followed, fresh: true, cancellationToken);
            if (now.Revision is not { } moved || moved.Commit == head.Commit) throw;
            return null;
        }
        LogRolledBack(Name, order.Application, to.Commit, commit, view.Branch, order.By);
        if (order.Branch is null) await _poll.RunFreshAsync(cancellationToken);
        return new RollbackAnswer { Rollback = view };
    }

    /// <summary>The full name of the branch that led to the revision; null when it was none.</summary>
    private async Task<string?> BranchOfAsync(RepositoryAccess access, Revision head, CancellationToken cancellationToken)
    {
        if (head.Ref == "HEAD") return (await _requests.ListRefsAsync(access, ["HEAD"], hasPlace: false, cancellationToken)).DefaultBranch;
        return head.Ref.StartsWith(BranchPrefix, StringComparison.Ordinal) ? head.Ref : null;
    }

    /// <summary>The files that differ and are the application's alone, and those that are read by others or lie elsewhere.</summary>
    private async Task<(IReadOnlyList<string> Own, IReadOnlyList<SharedFileView> Shared)> ChooseAsync(
        RepositoryAccess access, RollbackOrder order, string head, string to, IReadOnlyList<TreeChange> changes, CancellationToken cancellationToken)
    {
        var paths = SourcesOf(order).Where(source => source.IsRendered).Select(source => ChangedPaths.Normal(source.Path)).ToArray();
        var reads = new List<string>(paths);
        foreach (var commit in new[] { head, to }) reads.AddRange(await ReadPathsAsync(access, order, commit));
        var others = _subscriptions.All.Where(other => other.Application != order.Application)
            .Select(other => (other.Application, Paths: other.Paths ?? [.. other.Sources.Select(pinned => ChangedPaths.Normal(pinned.Source.Path))])).ToArray();
        // Of a repository that holds values only, what the application alone reads is its own.
        bool IsOwn(string file) => paths.Length == 0 || Array.Exists(paths, path => ChangedPaths.IsWithin(file, path));
        var (own, shared) = (new List<string>(), new List<SharedFileView>());
        foreach (var file in changes.Where(change => !change.IsDirectory).Select(change => change.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!reads.Exists(path => IsRead(file, path))) continue;
            var readers = others.Where(other => other.Paths.Any(path => IsRead(file, path))).Select(other => other.Application).Order(StringComparer.Ordinal).ToArray();
            if (readers.Length == 0 && IsOwn(file)) own.Add(file);
            else shared.Add(new SharedFileView { File = file, Applications = readers });
        }
        return (own, shared);
    }

    /// <summary>A submodule is one path of its repository, and is read with all that is in it.</summary>
    private static bool IsRead(string file, string path) => ChangedPaths.IsWithin(file, path) || ChangedPaths.IsWithin(path, file);

    /// <summary>The application's sources that follow the branch.</summary>
    private IEnumerable<SourceSpec> SourcesOf(RollbackOrder order) =>
        order.Subject.Sources.Select(pinned => pinned.Source).Where(source => source.Repository == Name && RefQuery.Of(source) == order.Followed);

    /// <summary>All paths of this repository that the application reads when the branch is at a commit.</summary>
    private async Task<IReadOnlyList<string>> ReadPathsAsync(RepositoryAccess access, RollbackOrder order, string commit)
    {
        var sources = SourcesOf(order).ToHashSet();
        var at = order.Subject with { Sources = [.. order.Subject.Sources.Select(pinned => sources.Contains(pinned.Source) ? pinned with { Commit = commit } : pinned)] };
        return await ReadSetOfAsync(access, at) is { } reads ? ChangedPaths.Of(reads, Name) : [];
    }

    private static RollbackAnswer Refused(string why) => new() { Refusal = why };
}
