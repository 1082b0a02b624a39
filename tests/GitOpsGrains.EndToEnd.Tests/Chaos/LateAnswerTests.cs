using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.Chaos;

/// <summary>A target that has nothing to write may be done before its application hears that it has the order.</summary>
public sealed class LateAnswerTests
{
    private const string App = FilteredScene.Application;

    [Fact]
    public async Task Sync_WhoseTargetIsDoneBeforeItsAnswerArrives_Ends()
    {
        var answers = new HeldAnswers();
        await using var filtered = await FilteredScene.StartAsync(answers);
        var scene = filtered.Scene;

        var held = answers.Hold();
        var asked = await scene.Rest.SendAsync<OperationView>(HttpMethod.Post, $"applications/default/{scene.Of(App)}:sync", "", "application/json");
        // It reads so in the news of the target.
        await Eventually.GetAsync(() => scene.Rest.GetAsync<OperationView>($"operations/{asked.Id}"), operation => operation.Message == "nothing to change", "what the target did");
        held.SetResult();

        await Eventually.GetAsync(() => scene.Rest.GetAsync<OperationView>($"operations/{asked.Id}"), operation => operation.Phase == OperationPhase.Succeeded, "the end of the sync");
    }

    private sealed class HeldAnswers : IIncomingGrainCallFilter
    {
        private volatile TaskCompletionSource? _held;

        /// <summary>From now on no order's answer leaves its target, until the result is set.</summary>
        public TaskCompletionSource Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            await context.Invoke();
            if (context.MethodName == nameof(ITargetGrain.SetDesiredAsync) && _held is { } held) await held.Task;
        }
    }
}
