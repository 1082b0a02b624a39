using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Grains.Targets;

/// <summary>One hook of the sync under way. Made and ended on the target's scheduler; seen from the watch's thread.</summary>
internal sealed class RunningHook(DesiredHook hook, SyncPhase phase, string run, DesiredObject made, ApiResource resource)
{
    public DesiredHook Hook { get; } = hook;
    public SyncPhase Phase { get; } = phase;
    /// <summary>What the object says of who made it.</summary>
    public string Run { get; } = run;
    public DesiredObject Made { get; } = made;
    public ApiResource Resource { get; } = resource;

    /// <summary>Of the object that runs; "" before it is made.</summary>
    public string Uid { get; set; } = "";

    /// <summary>The server was asked to make it, and nothing says whether it did.</summary>
    public bool IsUnanswered { get; set; }

    /// <summary>Events up to here are of what was before it.</summary>
    public string MadeAt { get; set; } = "";

    /// <summary>
    /// What a watch showed of it last. A Job that is removed as soon as it ends (ttlSecondsAfterFinished) has told by then
    /// how it ended.
    /// </summary>
    public volatile ObjectHealth? Seen;

    /// <summary>Null while it runs.</summary>
    public bool? Succeeded { get; private set; }

    public string Message { get; private set; } = "";

    public void End(bool succeeded, string message) => (Succeeded, Message) = (succeeded, message);
}
