using System.Diagnostics.CodeAnalysis;
using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>
/// The paths of objects and collections. Names come from manifests: one that would lead elsewhere ("..", "a/b") is refused
/// before anything is sent.
/// </summary>
internal static class ResourcePath
{
    public static bool TryObject(ApiResource resource, ResourceId id, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out ClusterError? error)
    {
        path = null;
        if (!TryCollection(resource, id.Namespace, isWhole: false, out var collection, out error)) return false;
        if (!IsSegment(id.Name))
        {
            error = Refuse($"'{id.Name}' can't be the name of an object");
            return false;
        }

        path = $"{collection}/{Uri.EscapeDataString(id.Name)}";
        return true;
    }

    /// <param name="isWhole">An empty namespace means all of them.</param>
    public static bool TryCollection(
        ApiResource resource, string @namespace, bool isWhole, [NotNullWhen(true)] out string? path, [NotNullWhen(false)] out ClusterError? error)
    {
        (path, error) = (null, null);
        var text = new StringBuilder(resource.Group.Length == 0 ? "/api" : $"/apis/{Uri.EscapeDataString(resource.Group)}");
        text.Append('/').Append(Uri.EscapeDataString(resource.Version));
        if (resource.Namespaced && !(isWhole && @namespace.Length == 0))
        {
            if (!IsSegment(@namespace))
            {
                error = Refuse(@namespace.Length == 0 ? $"{resource.Kind} is namespaced, and no namespace is given" : $"'{@namespace}' can't be the name of a namespace");
                return false;
            }

            text.Append("/namespaces/").Append(Uri.EscapeDataString(@namespace));
        }

        path = text.Append('/').Append(Uri.EscapeDataString(resource.Plural)).ToString();
        return true;
    }

    /// <summary>Kubernetes' own rule for a name in a path.</summary>
    private static bool IsSegment(string name) =>
        name.Length is > 0 and <= 253 && name is not "." and not ".." && name.AsSpan().IndexOfAny('/', '%') < 0;

    private static ClusterError Refuse(string message) => new(ClusterErrorKind.Invalid, 0, message);
}
