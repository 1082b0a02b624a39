using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Grains.Manifests;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>The renders of one repository: same inputs, one render, whoever asks. Used by one grain only, on its scheduler.</summary>
public sealed class RepositoryRenders(IRenderer renderer, ManifestLibrary sets)
{
    private const int MaxAnswers = 4096;
    private const int MaxFaultsShown = 20;

    /// <summary>A chart that runs into a limit must not be run again by everybody who asks.</summary>
    private static readonly TimeSpan TransientHold = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Task<RenderAnswer>> _answers = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The set of that digest, while it is in memory.</summary>
    public ManifestSet? Find(Abstractions.Identity.Digest digest) => sets.Find(digest);

    /// <summary>All that a render would read at a commit; empty when the source's path, or a submodule on it, can't be had there.</summary>
    public async Task<ReadSet> ReadSetOfAsync(RenderInputs inputs, string commit, CancellationToken cancellationToken)
    {
        try
        {
            return (await renderer.KeyAsync(inputs.At(commit), cancellationToken)).ReadSet;
        }
        catch (GitException ex) when (ex.Kind is GitErrorKind.PathNotFound or GitErrorKind.PathRefused or GitErrorKind.Submodule)
        {
            return ReadSet.Empty;
        }
    }

    public async Task<(ReadSet Reads, RenderAnswer Answer)> RenderAsync(
        RenderInputs inputs, string commit, TimeProvider time, CancellationToken cancellationToken)
    {
        RenderKey key;
        var request = inputs.At(commit);
        try
        {
            key = await renderer.KeyAsync(request, cancellationToken);
        }
        catch (GitException ex)
        {
            return (ReadSet.Empty, Failed("", GitConditions.TypeOf(ex.Kind), ex.Message, time));
        }
        if (_answers.TryGetValue(key.Value, out var running) && await IsUsableAsync(running, time)) return (key.ReadSet, await running.WaitAsync(cancellationToken));
        // Shared by all who ask: one caller's impatience must not end it.
        var render = RunAsync(request, key, time, CancellationToken.None);
        Remember(key.Value, render);
        return (key.ReadSet, await render.WaitAsync(cancellationToken));
    }

    /// <summary>A render that is under way, or whose outcome still holds: faults stay true, a set may have left the memory.</summary>
    private async Task<bool> IsUsableAsync(Task<RenderAnswer> known, TimeProvider time)
    {
        if (!known.IsCompleted) return true;
        if (!known.IsCompletedSuccessfully) return false;
        var answer = await known;
        if (answer.IsTransient) return time.GetUtcNow() - answer.Conditions[0].Since < TransientHold;
        return answer.IsSuccess ? sets.Find(answer.SetDigest) is not null : answer.Conditions.All(IsOfTheTree);
    }

    private static bool IsOfTheTree(Condition condition) =>
        condition.Type is ConditionTypes.RenderFailed or ConditionTypes.RenderEmpty;

    private async Task<RenderAnswer> RunAsync(RenderRequest request, RenderKey key, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Instruments.Renders.Add(1, Instruments.Repository(request.Repository.Name));
            var result = await renderer.RenderAsync(request, cancellationToken);
            if (result.Set is null) return Faulty(key.Value, result.Faults, time) with { IsTransient = result.IsTransient };
            if (result.Set.Objects.Count == 0)
                return Failed(key.Value, ConditionTypes.RenderEmpty, $"no manifest was found at path '{request.Source.Path}'; nothing is applied or pruned", time)
                    with { SetDigest = result.Set.Digest };
            sets.Put(result.Set);
            return new RenderAnswer { RenderKey = key.Value, SetDigest = result.Set.Digest, Objects = result.Set.Objects.Count };
        }
        catch (GitException ex)
        {
            return Failed(key.Value, GitConditions.TypeOf(ex.Kind), ex.Message, time);
        }
    }

    private void Remember(string key, Task<RenderAnswer> render)
    {
        if (!_answers.ContainsKey(key)) _order.Enqueue(key);
        _answers[key] = render;
        while (_order.Count > MaxAnswers) _answers.Remove(_order.Dequeue());
    }

    private static RenderAnswer Faulty(string key, IReadOnlyList<ManifestFault> faults, TimeProvider time)
    {
        var conditions = faults.Take(MaxFaultsShown).Select(fault => new Condition
        {
            Type = ConditionTypes.RenderFailed,
            Message = fault.Reason,
            Since = time.GetUtcNow(),
            File = fault.File,
            Document = fault.Document,
            Object = fault.Object,
        }).ToList();
        if (faults.Count > MaxFaultsShown)
            conditions.Add(new Condition { Type = ConditionTypes.RenderFailed, Message = $"and {faults.Count - MaxFaultsShown} more faults", Since = time.GetUtcNow() });
        return new RenderAnswer { RenderKey = key, Conditions = conditions };
    }

    private static RenderAnswer Failed(string key, string type, string message, TimeProvider time) => new()
    {
        RenderKey = key,
        Conditions = [new Condition { Type = type, Message = message, Since = time.GetUtcNow() }],
    };
}
