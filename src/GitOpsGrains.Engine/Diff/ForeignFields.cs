using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Path">As people read it: <c>.spec.template.spec.containers[name=sidecar].image</c>.</param>
/// <param name="Time">When the manager last wrote any field, as the server says; "" if it does not.</param>
public sealed record ForeignField(string Path, string Manager, string Operation, string Time);

/// <summary>What others own of our objects: read from managedFields alone, at no request.</summary>
public static class ForeignFields
{
    /// <summary>What is said of a path that Git dropped and another manager keeps alive.</summary>
    public static string DescribeKept(string path, string manager) => $"{path} left Git but is kept by {manager}";

    /// <summary>Fields of the object itself (not of its status or other subresources) that others own and we do not.</summary>
    /// <param name="limit">At most so many are named.</param>
    public static IReadOnlyList<ForeignField> Of(LiveObject live, int limit = 100)
    {
        var own = ManagedFields.AllOwnFields(live);
        return [.. Others(live).Where(entry => !entry.IsOwnUpdate)
            .SelectMany(entry => entry.Fields().Except(own).LeafPaths().Select(path => new ForeignField(path, entry.Manager, entry.Operation, entry.Time)))
            .Take(limit)];
    }

    /// <summary>
    /// Which of the paths that our last apply dropped are still there, because another manager owns them too.
    /// Not empty: the object is not as Git wants it.
    /// </summary>
    /// <param name="dropped">What our entry owned before the apply and does not own after it.</param>
    public static IReadOnlyList<ForeignField> KeptByOthers(LiveObject afterApply, FieldSet dropped, int limit = 100) =>
        [.. Others(afterApply)
            .SelectMany(entry => entry.Fields().Under(dropped).LeafPaths().Select(path => new ForeignField(path, entry.Manager, entry.Operation, entry.Time)))
            .Take(limit)];

    /// <summary>Which of the paths that <see cref="KeptByOthers"/> told earlier are kept alive still.</summary>
    public static IReadOnlyList<ForeignField> StillOf(LiveObject live, IReadOnlyCollection<string> kept) =>
        [.. Of(live, limit: 1000).Where(field => kept.Any(path => field.Path == path
            // An item of a list stays for any field in it.
            || (path.EndsWith(']') && field.Path.StartsWith(path + ".", StringComparison.Ordinal))))];

    private static IEnumerable<ManagedFieldsEntry> Others(LiveObject live) =>
        ManagedFields.Of(live).Where(entry => !entry.IsOwn && entry.Subresource.Length == 0);
}
