using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Grains.Clusters;

namespace GitOpsGrains.Grains.Targets;

/// <summary>What a target that is left in peace keeps in less room.</summary>
public sealed partial class TargetGrain
{
    Task ITargetEvents.RestAsync()
    {
        var resting = Task.Factory.StartNew(RestAsync, CancellationToken.None, TaskCreationOptions.None, _scheduler).Unwrap();
        Watch(resting, "rest");
        // Its end, whatever it is.
        return Task.WhenAny(resting);
    }

    private Task RestAsync()
    {
        if (_stopping.IsCancellationRequested || _isWriting || _session is not { } session || _built is not { } built) return Task.CompletedTask;
        foreach (var tracked in _objects.Values.Where(tracked => tracked.LastRead is not null && !tracked.IsBusy)) ForgetRead(session, tracked);
        return built.Objects.Count <= FewObjects ? Pack(built) : Task.Run(() => Pack(built));
    }

    /// <summary>The watch says what a read said, or more.</summary>
    private void ForgetRead(ClusterSession session, TrackedObject tracked)
    {
        if (session.Observe(tracked.Id) is { IsWatched: true, Object: { } shown } && ReferenceEquals(CurrentOf(session, tracked.Id), shown)) tracked.LastRead = null;
    }

    private static Task Pack(DesiredState built)
    {
        DesiredObject.Rest(built.Objects);
        return Task.CompletedTask;
    }
}
