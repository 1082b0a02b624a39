using System.Text.Json;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <param name="Operation">"Apply" or "Update".</param>
/// <param name="Subresource">"" for the object itself, "status", "scale" …</param>
/// <param name="Time">As the server wrote it; "" if it did not.</param>
/// <param name="Json">The whole entry.</param>
public sealed record ManagedFieldsEntry(
    string Manager, string Operation, string Subresource, string ApiVersion, string Time, JsonElement Json)
{
    public JsonElement FieldsJson => Json.Field("fieldsV1");

    public FieldSet Fields() => FieldSet.Parse(FieldsJson);

    public bool IsOwn => Manager == Tracking.FieldManager && Operation == "Apply" && Subresource.Length == 0;

    /// <summary>Ours, but written as an update: by a JSON patch, or by a person under our name.</summary>
    public bool IsOwnUpdate => Manager == Tracking.FieldManager && Operation == "Update" && Subresource.Length == 0;

    /// <summary>
    /// Of a tool that has done what we do now: what it applied is ours to change and to drop. Never what was
    /// written through a subresource.
    /// </summary>
    public bool IsPredecessor => Subresource.Length == 0 && IsPredecessorName(Manager);

    private static bool IsPredecessorName(string manager) =>
        manager.StartsWith("kubectl", StringComparison.Ordinal) || Tracking.IsNamespaceManager(manager)
        || manager is "before-first-apply" or "argocd-controller" or "argocd-application-controller" or "argocd"
            or "kustomize-controller" or "helm-controller" or "helm" or "Helm" or "fleetagent" or "fleet-agent" or "fleetcontroller";
}

/// <summary>Who owns which fields of a live object.</summary>
public static class ManagedFields
{
    public static IEnumerable<ManagedFieldsEntry> Of(LiveObject live)
    {
        foreach (var entry in live.Metadata.Field("managedFields").Items())
            yield return new ManagedFieldsEntry(
                entry.Field("manager").Text(), entry.Field("operation").Text(), entry.Field("subresource").Text(),
                entry.Field("apiVersion").Text(), entry.Field("time").Text(), entry);
    }

    /// <summary>The entry of our applies, or null: the object was never applied by us, or somebody reset its entries.</summary>
    public static ManagedFieldsEntry? Own(LiveObject live) => Of(live).FirstOrDefault(entry => entry.IsOwn);

    /// <summary>
    /// The entry of our applies and the one of our updates, in this order, as far as there are any. An adoption by one patch
    /// and a replaced object leave some of our fields in the second.
    /// </summary>
    public static IReadOnlyList<ManagedFieldsEntry> AllOwn(LiveObject live) =>
        [.. Of(live).Where(entry => entry.IsOwn || entry.IsOwnUpdate).OrderBy(entry => entry.IsOwnUpdate)];

    /// <summary>What we own by apply; empty if there is no such entry.</summary>
    public static FieldSet OwnFields(LiveObject live) => Own(live)?.Fields() ?? FieldSet.Empty;

    /// <summary>What we own by apply or update.</summary>
    public static FieldSet AllOwnFields(LiveObject live) => AllOwn(live).Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(entry.Fields()));

    /// <summary>Whether another entry of the object itself is a predecessor's or shares a field with ours.</summary>
    public static bool HasRivals(LiveObject live, ManagedFieldsEntry own)
    {
        FieldSet? fields = null;
        foreach (var entry in Of(live))
        {
            if (entry.IsOwn || entry.Subresource.Length > 0) continue;
            if (entry.IsOwnUpdate)
            {
                if (TakeOver.Takes(entry)) return true;
                continue;
            }
            if (entry.IsPredecessor) return true;
            fields ??= own.Fields();
            if (fields.SharesLeaf(entry.Fields())) return true;
        }
        return false;
    }
}
