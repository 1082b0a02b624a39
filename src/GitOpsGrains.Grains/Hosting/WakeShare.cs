using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Grains.Hosting;

/// <summary>Which names one of several silos wakes: each name belongs to exactly one of those that see the same members.</summary>
public readonly record struct WakeShare(int Index, int Count)
{
    public static readonly WakeShare All = new(0, 1);

    /// <summary>That of a silo among the active ones, which are in order; null for one that is not among them.</summary>
    public static WakeShare? Of(SiloAddress silo, IReadOnlyList<SiloAddress> active)
    {
        for (var index = 0; index < active.Count; index++)
            if (active[index].Equals(silo)) return new WakeShare(index, active.Count);
        return null;
    }

    public bool Has(string name) => NameHash.PartOf(name, Count) == Index;
}
