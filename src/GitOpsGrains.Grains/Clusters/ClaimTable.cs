using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Clusters;

/// <summary>
/// Which target of a cluster desires which object. The first claim owns the object; later ones wait until it lets go.
/// Safe for concurrent use.
/// </summary>
public sealed class ClaimTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceId, string> _owners = [];
    private readonly Dictionary<ResourceId, List<string>> _waiting = [];
    private readonly Dictionary<string, IReadOnlySet<ResourceId>> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<ResourceId>> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<ResourceId>> _named = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outdated = new(StringComparer.Ordinal);

    /// <summary>Targets that have said what they desire, be it nothing.</summary>
    public IReadOnlyCollection<string> Targets
    {
        get
        {
            lock (_lock) return [.. _claims.Keys];
        }
    }

    /// <summary>Those of them that were given nothing else since.</summary>
    public IReadOnlyCollection<string> Decided
    {
        get
        {
            lock (_lock) return [.. _claims.Keys.Where(target => !_outdated.Contains(target))];
        }
    }

    /// <summary>Replaces a target's claims; returns the targets that came to own something by it.</summary>
    /// <param name="held">
    /// What the target has applied before: who holds an object comes before who only wants it, whoever speaks first after a
    /// restart. Null: as it was.
    /// </param>
    /// <param name="named">What its manifests have beside that, and it does not apply: it owns none of it, and nobody deletes it. Null: nothing.</param>
    public IReadOnlySet<string> Replace(string target, IReadOnlySet<ResourceId> desired, IReadOnlySet<ResourceId>? held = null, IReadOnlySet<ResourceId>? named = null)
    {
        var promoted = new HashSet<string>(StringComparer.Ordinal);
        lock (_lock)
        {
            if (held is not null) _held[target] = held;
            if (named is { Count: > 0 }) _named[target] = named;
            else _named.Remove(target);
            _outdated.Remove(target);
            var before = _claims.GetValueOrDefault(target);
            _claims[target] = desired;
            if (before is not null)
                foreach (var id in before.Where(id => !desired.Contains(id)))
                    Release(target, id, promoted);
            foreach (var id in desired) Claim(target, id);
        }
        promoted.Remove(target);
        return promoted;
    }

    /// <summary>The target lets go of everything and is forgotten.</summary>
    public IReadOnlySet<string> Remove(string target)
    {
        var promoted = Replace(target, new HashSet<ResourceId>());
        lock (_lock)
        {
            _claims.Remove(target);
            _held.Remove(target);
        }
        return promoted;
    }

    /// <summary>The target was given another desired state, and has not said yet what that is. What it owns it keeps until then.</summary>
    public void Outdate(string target)
    {
        lock (_lock) _outdated.Add(target);
    }

    /// <summary>What the target said last is what it desires after all.</summary>
    public void Confirm(string target)
    {
        lock (_lock) _outdated.Remove(target);
    }

    /// <summary>A target other than <paramref name="except"/> whose manifests have the object, which it does not apply; null if there is none.</summary>
    public string? NamedBy(ResourceId id, string except)
    {
        lock (_lock)
        {
            foreach (var (target, named) in _named)
                if (target != except && named.Contains(id)) return target;
        }
        return null;
    }

    /// <summary>The target that owns an object, or null when none desires it.</summary>
    public string? OwnerOf(ResourceId id)
    {
        lock (_lock) return _owners.GetValueOrDefault(id);
    }

    /// <summary>Any object that is claimed or named and that the condition holds for, with its owner; null if there is none. Looks at all of them.</summary>
    public (ResourceId Id, string Owner)? FirstOf(Func<ResourceId, bool> condition)
    {
        lock (_lock)
        {
            foreach (var (id, owner) in _owners)
                if (condition(id)) return (id, owner);
            foreach (var (target, named) in _named)
                foreach (var id in named)
                    if (condition(id)) return (id, target);
        }
        return null;
    }

    private void Claim(string target, ResourceId id)
    {
        if (_owners.TryAdd(id, target) || _owners[id] == target) return;
        if (!_waiting.TryGetValue(id, out var waiting)) _waiting[id] = waiting = [];
        if (Holds(target, id) && !Holds(_owners[id], id))
        {
            waiting.Remove(target);
            waiting.Insert(0, _owners[id]);
            _owners[id] = target;
        }
        else if (!waiting.Contains(target))
        {
            waiting.Add(target);
        }
    }

    private bool Holds(string target, ResourceId id) => _held.GetValueOrDefault(target)?.Contains(id) == true;

    private void Release(string target, ResourceId id, HashSet<string> promoted)
    {
        var waiting = _waiting.GetValueOrDefault(id);
        if (_owners.GetValueOrDefault(id) != target)
        {
            waiting?.Remove(target);
        }
        else if (waiting is { Count: > 0 })
        {
            _owners[id] = waiting[0];
            promoted.Add(waiting[0]);
            waiting.RemoveAt(0);
        }
        else
        {
            _owners.Remove(id);
        }
        if (waiting is { Count: 0 }) _waiting.Remove(id);
    }
}
