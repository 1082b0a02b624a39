using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Targets;

/// <summary>Objects whose end somebody waits for, and the news of them. Used on the target's scheduler only.</summary>
internal sealed class Departures
{
    private readonly ChangeSignal _news = new();
    private HashSet<ResourceId> _expected = [];

    /// <summary>Completes with the next news of an expected object; to be taken before looking.</summary>
    public Task Next => _news.Next;

    public void Expect(IEnumerable<ResourceId> ids) => _expected = [.. ids];

    public void ExpectNone() => _expected = [];

    /// <summary>True when the news is for who waits: nobody else need look at it.</summary>
    public bool Notice(ResourceId id)
    {
        if (!_expected.Contains(id)) return false;
        _news.Raise();
        return true;
    }
}
