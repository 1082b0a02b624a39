namespace GitOpsGrains.Documents.Rest;

/// <summary>One action that an object has, by an administrator's customization.</summary>
public sealed record ActionView
{
    public string Name { get; init; } = "";
    /// <summary>What people read.</summary>
    public string DisplayName { get; init; } = "";
    /// <summary>It can't be run in the object's present state.</summary>
    public bool Disabled { get; init; }
}

/// <summary>Body of <c>POST …:action</c>.</summary>
public sealed record ActionRequest
{
    public string Cluster { get; init; } = "";
    /// <summary>The object's id: group/Kind:namespace/name.</summary>
    public string Object { get; init; } = "";
    public string Action { get; init; } = "";
}
