using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>Rendering the sources of an application, those of other repositories too, and remembering who reads what.</summary>
public sealed partial class RepositoryGrain
{
    private static readonly TimeSpan AccessTimeout = TimeSpan.FromSeconds(30);

    public async Task<RenderAnswer> RenderAsync(RenderOrder order, CancellationToken cancellationToken)
    {
        if (Document is null || _isDeleting) return Missing(Name);
        await SubscribeAsync(order.Application, order.Clusters);
        var (inputs, fault) = await InputsAsync(order.Subject, cancellationToken);
        if (inputs is null) return new RenderAnswer { Conditions = [fault!] };
        var (reads, answer) = await _renders.RenderAsync(inputs, order.Known, cancellationToken);
        var trees = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var repository in order.Subject.Repositories)
        {
            var own = OwnOf(reads, repository);
            trees[repository] = own.Digest;
            var paths = ChangedPaths.Of(own, repository);
            if (repository == Name) await RegisterAsync(order.Application, order.Subject, own.Digest, paths, cancellationToken);
            else await GrainFactory.GetGrain<IRepositoryGrain>(repository).FollowAsync(new FollowOrder(order.Application, order.Clusters, order.Subject, own.Digest, paths), cancellationToken);
        }
        return answer with { Trees = trees };
    }

    public async Task FollowAsync(FollowOrder order, CancellationToken cancellationToken)
    {
        if (Document is null) return;
        // It may fail, and whoever follows is not to be forgotten then.
        if (_isDeleting) throw new GrainRefusedException(RefusalKind.Conflict, $"repository {Name} is being deleted");
        await SubscribeAsync(order.Application, order.Clusters);
        await RegisterAsync(order.Application, order.Subject, order.Tree, order.Paths, cancellationToken);
    }

    public async Task<RenderAnswer> RenderAgainAsync(RenderSubject subject, CancellationToken cancellationToken)
    {
        if (Document is null) return Missing(Name);
        foreach (var pinned in subject.Sources)
        {
            var repository = pinned.Source.Repository;
            var refusal = repository == Name ? await AdmitAsync(pinned.Commit, cancellationToken)
                : await GrainFactory.GetGrain<IRepositoryGrain>(repository).AdmitAsync(pinned.Commit, cancellationToken);
            if (refusal is not null) return new RenderAnswer { Conditions = [refusal] };
        }
        var (inputs, fault) = await InputsAsync(subject, cancellationToken);
        if (inputs is null) return new RenderAnswer { Conditions = [fault!] };
        return await _renders.StoredAsync((await _renders.RenderAsync(inputs, known: null, cancellationToken)).Answer, cancellationToken);
    }

    public async Task<Condition?> AdmitAsync(string commit, CancellationToken cancellationToken)
    {
        if (Document is null) return NoRepository().Condition;
        if (!WasVerified(commit)) return (await ResolveCommitAsync(commit, cancellationToken)).Condition;
        try
        {
            await BringAsync(commit, cancellationToken);
            return null;
        }
        catch (GitException ex)
        {
            return ConditionOf(ex);
        }
    }

    /// <summary>How to read every source, its commit in this silo's mirror; else why that can't be.</summary>
    private async Task<(RenderInputs? Inputs, Condition? Fault)> InputsAsync(RenderSubject subject, CancellationToken cancellationToken)
    {
        var parts = new List<RenderPart>();
        var others = new Dictionary<string, RepositorySpec>(StringComparer.Ordinal);
        foreach (var pinned in subject.Sources)
        {
            var name = pinned.Source.Repository;
            if (name == Name)
            {
                parts.Add(new RenderPart(Access, Document!.Spec.Rendering, pinned.Source, pinned.Commit));
                continue;
            }
            if (!others.TryGetValue(name, out var spec))
            {
                if (await GrainFactory.GetGrain<IRepositoryGrain>(name).GetAsync() is not { } view)
                    return (null, NewCondition(ConditionTypes.RepositoryMissing, $"there is no repository {name}"));
                others[name] = spec = view.Spec;
            }
            var access = RepositoryAccess.Of(name, spec, AccessTimeout);
            try
            {
                // The other grain may be on another silo, and its mirror there.
                if (!await _git.HasCommitAsync(access, pinned.Commit, cancellationToken)) await _requests.FetchAsync(access, [new GitRef(pinned.Commit, pinned.Commit)], cancellationToken);
            }
            catch (GitException ex)
            {
                return (null, ConditionOf(ex) with { Message = $"repository {name}: {ex.Message}" });
            }
            parts.Add(new RenderPart(access, spec.Rendering, pinned.Source, pinned.Commit));
        }
        return (new RenderInputs(parts, subject.Scope, KindsOfAsync), null);
    }

    private Task<ClusterKinds> KindsOfAsync(string cluster) =>
        cluster.Length == 0 ? Task.FromResult(ClusterKinds.Unknown) : GrainFactory.GetGrain<IClusterGrain>(cluster).GetKindsAsync();

    /// <summary>What of it is this repository's.</summary>
    private static ReadSet OwnOf(ReadSet reads, string repository) =>
        reads.Entries.All(entry => entry.Repository == repository) ? reads : new ReadSet([.. reads.Entries.Where(entry => entry.Repository == repository)]);

    /// <param name="paths">Of this repository.</param>
    private async Task RegisterAsync(string application, RenderSubject subject, string tree, IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        _subscriptions.Register(application, Name, subject, tree, await DecisiveAsync(Access, subject, paths, cancellationToken));

    private static RenderAnswer MissingOf(Condition condition) => new() { Conditions = [condition] };

    private RenderAnswer Missing(string name) => MissingOf(NewCondition(ConditionTypes.RepositoryMissing, $"there is no repository {name}"));
}
