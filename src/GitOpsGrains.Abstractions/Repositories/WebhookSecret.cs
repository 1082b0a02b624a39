namespace GitOpsGrains.Abstractions.Repositories;

/// <summary>A secret in the clear, on its way to the gateway that compares signatures with it. No record: its text must not show it.</summary>
[GenerateSerializer, Immutable, Alias("gog.WebhookSecret")]
public sealed class WebhookSecret
{
    /// <summary>Null when it can't be had.</summary>
    [Id(0)] public string? Value { get; init; }

    /// <summary>Why it can't be had; it holds no secret.</summary>
    [Id(1)] public string? Fault { get; init; }
}
