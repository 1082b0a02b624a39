namespace GitOpsGrains.Simulation.Objects;

/// <summary>The query of a write.</summary>
/// <param name="IsStrict">fieldValidation=Strict: undeclared fields are refused instead of dropped.</param>
internal sealed record WriteOptions(string Manager, bool DryRun, bool Force, bool IsStrict);

/// <summary>The body and query of a deletion.</summary>
/// <param name="Propagation">Background, Foreground or Orphan.</param>
internal sealed record DeletionOptions(string? Uid, string? ResourceVersion, string Propagation, bool DryRun);

/// <summary>What a request is about.</summary>
/// <param name="Namespace">"" for objects without one, and for lists of all.</param>
internal readonly record struct ObjectAddress(Schemas.ResourceKind Kind, string Namespace, string Name, string Subresource);
