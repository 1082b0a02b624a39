using System.Text;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Manifests;

/// <summary>
/// Brings an object into the form that is hashed and applied: what a server owns or defaults in keys of lists is
/// settled here, once, so that the same intent has the same bytes and server-side apply owns the right fields.
/// </summary>
internal static class ManifestNormaliser
{
    private static readonly string[] ServerOwnedMetadata =
        ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

    /// <param name="fault">Told what can't be normalised; never a value of a Secret.</param>
    public static void Normalise(TreeMap root, ResourceId id, Action<string> fault)
    {
        if (id is { Group: "", Kind: "Secret" }) Secret(root, fault);
        if (id is { Group: "", Kind: "ConfigMap" }) EmptyForNull(root.Map("data"));
        DropNulls(root);
        root.Remove("status");
        if (root.Map("metadata") is { } metadata)
            foreach (var name in ServerOwnedMetadata)
                metadata.Remove(name);
        if (id is { Group: "", Kind: "Service" }) Protocols(root.Map("spec")?.List("ports"));
        if (id is { Group: "rbac.authorization.k8s.io", Kind: "ClusterRole" } && root["aggregationRule"] is not null) root.Remove("rules");
        if (PodSpecOf(root, id) is { } pod) PodSpec(pod);
        QuantityText.Normalise(root, id);
    }

    private static TreeMap? PodSpecOf(TreeMap root, ResourceId id)
    {
        if (id.Group is not ("" or "apps" or "batch" or "extensions")) return null;
        var spec = root.Map("spec");
        return id.Kind switch
        {
            "Pod" => spec,
            "PodTemplate" => root.Map("template")?.Map("spec"),
            "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "ReplicationController" or "Job" => spec?.Map("template")?.Map("spec"),
            "CronJob" => spec?.Map("jobTemplate")?.Map("spec")?.Map("template")?.Map("spec"),
            _ => null,
        };
    }

    private static void PodSpec(TreeMap spec)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers", "ephemeralContainers"])
        {
            foreach (var container in spec.List(list)?.Items ?? [])
            {
                Protocols((container as TreeMap)?.List("ports"));
                QuantityText.Resources((container as TreeMap)?.Map("resources"));
            }
        }

        foreach (var volume in spec.List("volumes")?.Items ?? []) QuantityText.Field((volume as TreeMap)?.Map("emptyDir"), "sizeLimit");
        QuantityText.All(spec.Map("overhead"));
    }

    /// <summary>"protocol" is a key of these lists: without it the server can't tell whose item is whose.</summary>
    private static void Protocols(TreeList? ports)
    {
        foreach (var item in ports?.Items ?? [])
            if (item is TreeMap port && port["protocol"] is null)
                port.Set("protocol", TreeScalar.Of("TCP"));
    }

    /// <summary>The server does this too, but then "data" is owned by nobody, and a key dropped in Git stays.</summary>
    private static void Secret(TreeMap root, Action<string> fault)
    {
        EmptyForNull(root.Map("data"));
        EmptyForNull(root.Map("stringData"));
        foreach (var (key, value) in root.Map("data")?.Entries ?? [])
            if (value.AsText() is not { } text || !IsBase64(text))
                fault($"data: the value of '{key}' is not base64 text");
        var plain = root["stringData"];
        root.Remove("stringData");
        if (plain is null or TreeScalar { Kind: ScalarKind.Null }) return;
        if (plain is not TreeMap map)
        {
            fault($"stringData is {plain.TypeName}, not a mapping");
            return;
        }

        foreach (var (key, value) in map.Entries)
        {
            if (value.AsText() is { } text) root.GetOrAddMap("data").Set(key, TreeScalar.Of(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))));
            else fault($"stringData: the value of '{key}' is {value.TypeName}, not a string");
        }
    }

    private static bool IsBase64(string text) =>
        System.Buffers.Text.Base64.IsValid(text);

    /// <summary>In a map of strings a null is an empty string to the server, not an absent key.</summary>
    private static void EmptyForNull(TreeMap? map)
    {
        if (map is null) return;
        foreach (var key in map.Entries.Where(entry => entry.Value.IsNull).Select(entry => entry.Key).ToList())
            map.Set(key, TreeScalar.Of(""));
    }

    /// <summary>Nulls that are list items stay: dropping them would move the others.</summary>
    private static void DropNulls(TreeNode node)
    {
        switch (node)
        {
            case TreeMap map:
                map.RemoveAll(entry => entry.Value.IsNull);
                foreach (var (_, value) in map.Entries) DropNulls(value);
                break;
            case TreeList list:
                foreach (var item in list.Items) DropNulls(item);
                break;
        }
    }
}
