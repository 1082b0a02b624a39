namespace GitOpsGrains.Abstractions;

/// <summary>What storing a document did.</summary>
[GenerateSerializer, Alias("gog.Change")]
public enum Change
{
    Unchanged = 0,
    Created = 1,
    Configured = 2,
}
