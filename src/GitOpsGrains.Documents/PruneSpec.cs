namespace GitOpsGrains.Documents;

/// <summary>Whether and how objects that left the desired state are deleted.</summary>
public sealed record PruneSpec : Extensible
{
    /// <summary>Default: false; true when other fields are given without it.</summary>
    public bool Enabled { get; init; }

    public PruneBudget Budget { get; init; } = new();

    /// <summary>Kinds whose prune always waits for approval.</summary>
    public IReadOnlyList<string> ConfirmKinds { get; init; } = DefaultConfirmKinds;

    /// <summary>Kubernetes' deletion propagation: <see cref="PropagationPolicies"/>. Default: foreground.</summary>
    public string Propagation { get; init; } = PropagationPolicies.Foreground;

    /// <summary>A render without any object may prune everything, as far as the other rules let it. Default: false.</summary>
    public bool AllowEmpty { get; init; }

    public static IReadOnlyList<string> DefaultConfirmKinds { get; } =
        ["CustomResourceDefinition", "Namespace", "PersistentVolume", "PersistentVolumeClaim"];
}

/// <summary>A prune of more than <see cref="Objects"/> objects and more than <see cref="Percent"/> of the inventory waits for approval.</summary>
public sealed record PruneBudget : Extensible
{
    /// <summary>Default: 10.</summary>
    public int Objects { get; init; } = 10;

    /// <summary>Default: 30; 0 to 100.</summary>
    public int Percent { get; init; } = 30;
}

/// <summary>The words of <see cref="PruneSpec.Propagation"/>.</summary>
public static class PropagationPolicies
{
    public const string Foreground = "foreground";
    public const string Background = "background";
    public const string Orphan = "orphan";

    public static IReadOnlyList<string> All { get; } = [Foreground, Background, Orphan];
}
