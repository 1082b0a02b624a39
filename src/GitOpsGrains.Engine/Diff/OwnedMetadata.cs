using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>The labels, annotations, finalizers and owner references that our entry owns; those of others are not ours to mind.</summary>
public static class OwnedMetadata
{
    private static readonly string[] Maps = ["labels", "annotations"];

    /// <summary>Hash of the values that the entries own together, as the object has them; an absent one counts as absent.</summary>
    /// <param name="own">All of ours: <see cref="ManagedFields.AllOwn"/>.</param>
    public static Digest Hash(LiveObject live, IReadOnlyList<ManagedFieldsEntry> own)
    {
        using var digest = new DigestBuilder();
        foreach (var map in Maps)
        {
            var values = live.Metadata.Field(map);
            foreach (var name in Members(own, map, "f:"))
            {
                var value = values.Field(name[2..]);
                digest.Add(map).Add(name).Add(value.ValueKind == JsonValueKind.String ? "=" + value.GetString() : "");
            }
        }
        foreach (var name in Members(own, "finalizers", "v:"))
            digest.Add("finalizers").Add(name).Add(Finalizers(live.Metadata).Any(finalizer => Element(finalizer) == name) ? "=" : "");
        foreach (var name in Members(own, "ownerReferences", "k:"))
            digest.Add("ownerReferences").Add(name).Add(OwnerText(live, name));
        return digest.Finish();
    }

    /// <summary>
    /// The entries own all of them that the manifest names. If not, somebody took the ownership and left the values, and
    /// what they do to them next would not show in <see cref="Hash"/>.
    /// </summary>
    public static bool IsComplete(IReadOnlyList<ManagedFieldsEntry> own, DesiredObject desired)
    {
        if (own.Count == 0) return false;
        var wanted = desired.Metadata();
        foreach (var map in Maps)
            if (wanted.Field(map).Properties().Any(property => !Owns(own, "f:" + map, "f:" + property.Name)))
                return false;
        if (Finalizers(wanted).Any(finalizer => !Owns(own, "f:finalizers", Element(finalizer)))) return false;
        var owners = Members(own, "ownerReferences", "k:").Select(UidOf).ToHashSet(StringComparer.Ordinal);
        return wanted.Field("ownerReferences").Items().All(owner => owners.Contains(owner.Field("uid").Text()));
    }

    private static bool Owns(IReadOnlyList<ManagedFieldsEntry> own, string field, string element)
    {
        foreach (var entry in own)
            if (entry.FieldsJson.Field("f:metadata", field).Field(element).IsPresent())
                return true;
        return false;
    }

    /// <summary>In order, each once.</summary>
    private static List<string> Members(IReadOnlyList<ManagedFieldsEntry> own, string field, string prefix)
    {
        var names = new List<string>();
        foreach (var entry in own)
        {
            if (entry.FieldsJson.Field("f:metadata", "f:" + field) is not { ValueKind: JsonValueKind.Object } owned) continue;
            foreach (var property in owned.EnumerateObject())
                if (property.Name.StartsWith(prefix, StringComparison.Ordinal)) names.Add(property.Name);
        }
        names.Sort(StringComparer.Ordinal);
        for (var index = names.Count - 1; index > 0; index--)
            if (names[index] == names[index - 1]) names.RemoveAt(index);
        return names;
    }

    private static IEnumerable<string> Finalizers(JsonElement metadata) => metadata.Field("finalizers").Items().Select(item => item.Text());

    /// <summary>As fieldsV1 names an item of a set: finalizers are qualified names, which need no escapes.</summary>
    private static string Element(string finalizer) => $"v:\"{finalizer}\"";

    private static string OwnerText(LiveObject live, string element)
    {
        var uid = UidOf(element);
        var owner = live.Metadata.Field("ownerReferences").Items().FirstOrDefault(item => item.Field("uid").Text() == uid);
        if (!owner.IsPresent()) return "";
        using var text = Scratch.Take();
        CanonicalJson.Write(owner, text.Output);
        return "=" + System.Text.Encoding.UTF8.GetString(text.Output.WrittenSpan);
    }

    private static string UidOf(string element) => FieldElement.TryParse(element, out var keys) ? keys.Field("uid").Text() : "";
}
