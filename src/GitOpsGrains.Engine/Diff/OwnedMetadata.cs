using System.Buffers;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The labels, annotations, finalizers and owner references that our entry owns; those of others are not ours to mind.</summary>
public static class OwnedMetadata
{
    private static readonly string[] Maps = ["labels", "annotations"];

    /// <summary>Hash of the values that the entry owns, as the object has them; an absent one counts as absent.</summary>
    public static Digest Hash(LiveObject live, ManagedFieldsEntry entry)
    {
        var digest = new DigestBuilder();
        foreach (var map in Maps)
        {
            var values = live.Metadata.Field(map);
            foreach (var name in Members(entry, map, "f:"))
            {
                var value = values.Field(name[2..]);
                digest.Add(map).Add(name).Add(value.ValueKind == JsonValueKind.String ? "=" + value.GetString() : "");
            }
        }
        foreach (var name in Members(entry, "finalizers", "v:"))
            digest.Add("finalizers").Add(name).Add(Finalizers(live.Metadata).Any(finalizer => Element(finalizer) == name) ? "=" : "");
        foreach (var name in Members(entry, "ownerReferences", "k:"))
            digest.Add("ownerReferences").Add(name).Add(OwnerText(live, name));
        return digest.Finish();
    }

    /// <summary>
    /// The entry owns all of them that the manifest names. If not, somebody took the ownership and left the values, and
    /// what they do to them next would not show in <see cref="Hash"/>.
    /// </summary>
    public static bool IsComplete(ManagedFieldsEntry? entry, DesiredObject desired)
    {
        if (entry is null) return false;
        var wanted = desired.Json().Field("metadata");
        foreach (var map in Maps)
        {
            var owned = entry.FieldsJson.Field("f:metadata", "f:" + map);
            if (wanted.Field(map).Properties().Any(property => !owned.Field("f:" + property.Name).IsPresent())) return false;
        }
        var finalizers = entry.FieldsJson.Field("f:metadata", "f:finalizers");
        if (Finalizers(wanted).Any(finalizer => !finalizers.Field(Element(finalizer)).IsPresent())) return false;
        var owners = Members(entry, "ownerReferences", "k:").Select(UidOf).ToHashSet(StringComparer.Ordinal);
        return wanted.Field("ownerReferences").Items().All(owner => owners.Contains(owner.Field("uid").Text()));
    }

    private static IOrderedEnumerable<string> Members(ManagedFieldsEntry entry, string field, string prefix) =>
        entry.FieldsJson.Field("f:metadata", "f:" + field).Properties()
            .Select(property => property.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Finalizers(JsonElement metadata) => metadata.Field("finalizers").Items().Select(item => item.Text());

    /// <summary>As fieldsV1 names an item of a set: finalizers are qualified names, which need no escapes.</summary>
    private static string Element(string finalizer) => $"v:\"{finalizer}\"";

    private static string OwnerText(LiveObject live, string element)
    {
        var uid = UidOf(element);
        var owner = live.Metadata.Field("ownerReferences").Items().FirstOrDefault(item => item.Field("uid").Text() == uid);
        if (!owner.IsPresent()) return "";
        var text = new ArrayBufferWriter<byte>(256);
        CanonicalJson.Write(owner, text);
        return "=" + System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static string UidOf(string element)
    {
        try
        {
            return JsonElement.Parse(element.AsSpan(2)).Field("uid").Text();
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
