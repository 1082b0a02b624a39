using GitOpsGrains.Abstractions.Clusters;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>The renders of one repository: same inputs, one render, whoever asks. Used by one grain only, on its scheduler.</summary>
public sealed class RepositoryRenders(IRenderer renderer, ManifestLibrary sets, TimeProvider time)
{
    private const int MaxAnswers = 4096;

    /// <summary>A chart that runs into a limit must not be run again by everybody who asks.</summary>
    private static readonly TimeSpan TransientHold = TimeSpan.FromMinutes(2);

    private readonly BoundedMap<Task<RenderAnswer>> _answers = new(MaxAnswers);
    private readonly LearnedUses _uses = new();
    private readonly RenderAnswers _say = new(time);
    private readonly string _build = Digest.Of($"{renderer.GetType().Module.ModuleVersionId} {typeof(ManifestSet).Module.ModuleVersionId}").ToString()[..16];

    /// <summary>The set of that digest, while it is in memory.</summary>
    public ManifestSet? Find(Digest digest) => sets.Find(digest);

    /// <summary>With the set in the manifest store, since the silo's memory is no place to find it from another one.</summary>
    public async Task<RenderAnswer> StoredAsync(RenderAnswer answer, CancellationToken cancellationToken) =>
        sets.Find(answer.SetDigest) is { } set ? answer with { ManifestKey = await sets.PersistAsync(set, cancellationToken) } : answer;

    /// <summary>All that a render would read; nothing of a source whose path, or a submodule on it, can't be had.</summary>
    public async Task<ReadSet> ReadSetOfAsync(RenderInputs inputs, CancellationToken cancellationToken)
    {
        var reads = new List<ReadSet>();
        foreach (var part in inputs.Rendered)
        {
            try
            {
                reads.Add((await renderer.KeyAsync(inputs.At(part), cancellationToken)).ReadSet);
            }
            catch (GitException ex) when (ex.Kind is GitErrorKind.PathNotFound or GitErrorKind.PathRefused or GitErrorKind.Submodule)
            {
                reads.Add(ReadsOf(part, ex));
            }
        }
        return Together(reads);
    }

    /// <summary>One set of all sources: what one of them can't give, there is nothing of.</summary>
    /// <param name="known">Of the only source; it is not rendered again while it is still that.</param>
    public async Task<(ReadSet Reads, RenderAnswer Answer)> RenderAsync(RenderInputs inputs, KnownRender? known, CancellationToken cancellationToken)
    {
        var parts = inputs.Rendered;
        if (parts.Count == 1) return await RenderPartAsync(inputs, parts[0], known, cancellationToken);
        var done = new List<(RenderPart Part, RenderAnswer Answer)>();
        var reads = new List<ReadSet>();
        foreach (var part in parts)
        {
            var (read, answer) = await RenderPartAsync(inputs, part, known: null, cancellationToken);
            reads.Add(read);
            done.Add((part, answer));
        }
        return (Together(reads), await JoinAsync(done));
    }

    /// <summary>The set of one source alone.</summary>
    public async Task<(ReadSet Reads, RenderAnswer Answer)> RenderPartAsync(RenderInputs inputs, RenderPart part, KnownRender? known, CancellationToken cancellationToken)
    {
        RenderKey plain;
        var request = inputs.At(part);
        try
        {
            plain = await renderer.KeyAsync(request, cancellationToken);
        }
        catch (GitException ex)
        {
            return (ReadsOf(part, ex), _say.Failed("", GitConditions.TypeOf(ex.Kind), ex.Message));
        }
        if (known is not null && IsStill(known, plain, part.Source)) return (plain.ReadSet, Again(known, plain));
        // What it depends on shows in the first render of these files; those who come meanwhile wait for that.
        if (_uses.Learning(plain) is { } learning)
            await learning.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_uses.AsksCluster(plain) == true && inputs.Scope.KubeVersion.Length == 0) return (plain.ReadSet, RenderAnswers.Awaiting(_uses.Of(plain, part.Source, inputs.Scope)));
        var key = _uses.KeyOf(plain, part.Source, inputs.Scope);
        if (_answers.TryGet(key, out var running) && await IsUsableAsync(running)) return (plain.ReadSet, await running.WaitAsync(cancellationToken));
        // Shared by all who ask: one caller's impatience must not end it.
        var render = RunAndRememberAsync(request, plain, inputs);
        if (!render.IsCompleted) _answers.Set(key, render);
        _uses.Begin(plain, part.Source, inputs.Scope, render);
        return (plain.ReadSet, await render.WaitAsync(cancellationToken));
    }

    /// <summary>
    /// The key of a render is the plain one only when it was found to depend on nothing of a cluster. An empty set is rendered again:
    /// whether it is a fault is not known of it.
    /// </summary>
    private bool IsStill(KnownRender known, RenderKey plain, SourceSpec source) =>
        known.RenderKey == plain.Value && known.RenderedBy == _build && source.Substitute is not { Enabled: true } && sets.Find(known.SetDigest) is not { Objects.Count: 0 };

    private RenderAnswer Again(KnownRender known, RenderKey plain)
    {
        _uses.LearnAsksNothing(plain);
        return new RenderAnswer { RenderKey = known.RenderKey, SetDigest = known.SetDigest, Uses = new ScopeUses(), RenderedBy = _build };
    }

    /// <summary>Remembers it under the key that is known then: clusters that differ in nothing that matters find it there.</summary>
    private async Task<RenderAnswer> RunAndRememberAsync(RenderRequest request, RenderKey plain, RenderInputs inputs)
    {
        var answer = await RunAsync(request, plain, inputs);
        _answers.Set(_uses.KeyOf(plain, request.Source, inputs.Scope), Task.FromResult(answer));
        return answer;
    }

    /// <summary>What a cluster says is fetched for renders that may want it only; null when it says something else by now.</summary>
    private async Task<RenderContext?> ContextAsync(RenderRequest request, RenderKey plain, RenderInputs inputs)
    {
        var (context, scope) = (request.Context, inputs.Scope);
        if (request.Source.Substitute is { Enabled: true }) context = context with { Variables = scope.Variables };
        if (!plain.MayAskCluster || _uses.AsksCluster(plain) == false || scope.KubeVersion.Length == 0) return context;
        var kinds = await KindsOfAsync(inputs, scope.Cluster);
        return kinds.Digest == scope.Kinds ? context with { Capabilities = new ClusterCapabilities(scope.KubeVersion, kinds.ApiVersions) } : null;
    }

    private static async Task<ClusterKinds> KindsOfAsync(RenderInputs inputs, string cluster)
    {
        try
        {
            return await inputs.KindsOf(cluster);
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // One cluster that does not answer is no reason to give the others nothing.
            return ClusterKinds.Unknown;
        }
    }

    /// <summary>A render that is under way, or whose outcome still holds: faults stay true, a set may have left the memory.</summary>
    private async Task<bool> IsUsableAsync(Task<RenderAnswer> known)
    {
        if (!known.IsCompleted) return true;
        if (!known.IsCompletedSuccessfully) return false;
        var answer = await known;
        if (answer.AwaitsCluster) return false;
        // Either way: the clock may have been set back.
        if (answer.IsTransient) return (time.GetUtcNow() - answer.Conditions[0].Since).Duration() < TransientHold;
        return answer.IsSuccess ? sets.Find(answer.SetDigest) is not null : answer.Conditions.All(IsOfTheTree);
    }

    private static bool IsOfTheTree(Condition condition) =>
        condition.Type is ConditionTypes.RenderFailed or ConditionTypes.RenderEmpty;

    private async Task<RenderAnswer> RunAsync(RenderRequest request, RenderKey plain, RenderInputs inputs)
    {
        var (source, scope) = (request.Source, inputs.Scope);
        try
        {
            if (await ContextAsync(request, plain, inputs) is not { } context) return _say.KindsUnknown();
            request = request with { Context = context };
            Instruments.Renders.Add(1, Instruments.Repository(request.Repository.Name));
            var result = await MeasuredAsync(request);
            _uses.Learn(plain, source, scope, result);
            var (key, uses) = (_uses.KeyOf(plain, source, scope), _uses.Of(plain, source, scope));
            if (result.AsksCluster == true && request.Context.Capabilities.KubeVersion.Length == 0) return RenderAnswers.Awaiting(uses);
            if (result.Set is null) return _say.Faulty(key, result.Faults) with { IsTransient = result.IsTransient, Uses = _uses.OfFault(plain, source, result) };
            if (result.Set.Objects.Count == 0) return _say.Empty(key, source.Path) with { SetDigest = result.Set.Digest, Uses = uses };
            sets.Put(result.Set);
            return new RenderAnswer { RenderKey = key, SetDigest = result.Set.Digest, Objects = result.Set.Objects.Count, Uses = uses, RenderedBy = _build };
        }
        catch (GitException ex)
        {
            return _say.Failed("", GitConditions.TypeOf(ex.Kind), ex.Message);
        }
    }

    private async Task<RenderResult> MeasuredAsync(RenderRequest request)
    {
        var (started, outcome) = (time.GetTimestamp(), "Broken");
        try
        {
            var result = await renderer.RenderAsync(request, CancellationToken.None);
            outcome = result.Set is null && result.Faults.Count > 0 ? "Faulty" : "Done";
            return result;
        }
        catch (GitException)
        {
            outcome = "GitFailed";
            throw;
        }
        finally
        {
            Instruments.RenderDuration.Record(time.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    private async Task<RenderAnswer> JoinAsync(List<(RenderPart Part, RenderAnswer Answer)> parts)
    {
        var key = Digest.Of(string.Join('\n', parts.Select(item => $"{item.Answer.RenderKey} {item.Part.PositionOf("")}").Prepend("sources/1"))).ToString();
        if (parts.Exists(item => !item.Answer.IsSuccess && !item.Answer.IsEmpty)) return RenderAnswers.Worst(key, parts);
        if (_answers.TryGet(key, out var known) && await IsUsableAsync(known)) return await known;
        var (set, faults) = await Task.Run(() => SourceSets.Join([.. parts.Select(item => (item.Part, sets.Find(item.Answer.SetDigest)))], RenderLimits.Default));
        if (set is not null) sets.Put(set);
        var answer = _say.Join(key, parts, set, faults);
        _answers.Set(key, Task.FromResult(answer));
        return answer;
    }

    /// <summary>A path that does not exist was looked for all the same; of another failure nobody knows what will mend it.</summary>
    private static ReadSet ReadsOf(RenderPart part, GitException failure) => failure.Kind is GitErrorKind.PathNotFound or GitErrorKind.PathRefused
        ? ReadSet.Of(new ReadSetEntry(part.Repository.Name, part.Source.Path, "", ReadKind.Tree))
        : ReadSet.Empty;

    private static ReadSet Together(List<ReadSet> reads) => reads.Count == 1 ? reads[0] : new ReadSet([.. reads.SelectMany(read => read.Entries)]);
}
