namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// One kind as a cluster serves it: group, the served version, kind, plural name, scope, and the verbs that discovery
/// lists for it (get, list, watch, create, patch, delete …).
/// </summary>
public sealed record ApiResource(
    string Group, string Version, string Kind, string Plural, bool Namespaced, IReadOnlySet<string> Verbs)
{
    /// <summary>"v1" for the core group, "apps/v1" for others.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public bool CanWatch => Verbs.Contains("list") && Verbs.Contains("watch");
}
