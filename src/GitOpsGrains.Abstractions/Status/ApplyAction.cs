namespace GitOpsGrains.Abstractions.Status;

/// <summary>What a sync did with one object: the closed set of outcomes.</summary>
[GenerateSerializer, Alias("gog.ApplyAction")]
public enum ApplyAction
{
    Unchanged = 0,
    Created = 1,
    Configured = 2,
    Pruned = 3,
    /// <summary>Left alone on purpose: an annotation, a policy or a guard says so.</summary>
    Skipped = 4,
    /// <summary>The object belongs to another target now and was left to it.</summary>
    HandedOver = 5,
    Failed = 6,
    /// <summary>Our label, annotations and field ownership were taken off; the object lives on.</summary>
    Detached = 7,
    /// <summary>A prune that waits for a person's approval.</summary>
    Held = 8,
    /// <summary>A hook ran to its end.</summary>
    HookSucceeded = 9,
    HookFailed = 10,
}
