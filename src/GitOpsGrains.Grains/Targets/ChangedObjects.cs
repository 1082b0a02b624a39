using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Targets;

/// <summary>
/// What watches said has changed and the target has not looked at yet. Thread-safe; keeps nothing while it is empty, as it
/// nearly always is: a concurrent queue holds 2 KB for good.
/// </summary>
internal sealed class ChangedObjects
{
    private readonly Lock _gate = new();
    private Queue<ResourceId>? _waiting;

    public void Enqueue(ResourceId id)
    {
        lock (_gate) (_waiting ??= new Queue<ResourceId>()).Enqueue(id);
    }

    public bool TryDequeue(out ResourceId id)
    {
        lock (_gate)
        {
            if (_waiting is not null && _waiting.TryDequeue(out id)) return true;
            (_waiting, id) = (null, default);
            return false;
        }
    }
}
