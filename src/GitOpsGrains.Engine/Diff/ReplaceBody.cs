using System.Buffers;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Diff;

/// <summary>
/// What is put in the place of a live object: the manifest, with what only the server or a controller may set taken over
/// from the live object, so that the server does not refuse it as a change. Labels, annotations, finalizers and owner
/// references that others put there stay; status stays where the server lets an update write it.
/// </summary>
public static class ReplaceBody
{
    /// <summary>The server refuses it (409) if the object changed since it was read.</summary>
    public static ReadOnlyMemory<byte> Of(DesiredObject desired, LiveObject live)
    {
        var body = (TreeMap)JsonTreeReader.ReadTrusted(desired.Body.Span);
        var json = new ArrayBufferWriter<byte>(4096);
        CanonicalJson.Write(live.Root, json);
        var from = (TreeMap)JsonTreeReader.ReadTrusted(json.WrittenSpan);
        KeepMetadata(body.GetOrAddMap("metadata"), from.GetOrAddMap("metadata"), live);
        Keep(body, from, "status");
        KeepSetOnce(desired.Id, body, from);
        return CanonicalJson.Write(body);
    }

    private static void KeepMetadata(TreeMap to, TreeMap from, LiveObject live)
    {
        to.Set("uid", TreeScalar.Of(live.Uid));
        to.Set("resourceVersion", TreeScalar.Of(live.ResourceVersion));
        var replaced = ManagedFields.Of(live).Where(entry => entry.IsOwn || entry.IsOwnUpdate || entry.IsPredecessor)
            .Aggregate(FieldSet.Empty, (fields, entry) => fields.Union(entry.Fields()));
        foreach (var name in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (from.Map(name) is not { } values) continue;
            var ours = replaced.Find("f:metadata", "f:" + name);
            foreach (var (key, value) in values.Entries)
                if (ours?.Find("f:" + key) is null && to.GetOrAddMap(name)[key] is null)
                    to.GetOrAddMap(name).Set(key, value);
        }
        foreach (var name in (ReadOnlySpan<string>)["finalizers", "ownerReferences"]) KeepItems(to, from, name);
    }

    /// <summary>A finalizer that is taken away by accident leaves behind what it was to clean up.</summary>
    private static void KeepItems(TreeMap to, TreeMap from, string name)
    {
        if (from.List(name) is not { } present) return;
        if (to.List(name) is not { } wanted) to.Set(name, wanted = new TreeList());
        var known = wanted.Items.Select(Identity).ToHashSet(StringComparer.Ordinal);
        wanted.Items.AddRange(present.Items.Where(item => known.Add(Identity(item))));
    }

    private static string Identity(TreeNode item) => item.AsText() ?? (item as TreeMap)?.Text("uid") ?? "";

    /// <summary>Fields that a server sets once (validation of Kubernetes 1.20 to 1.36) and that most manifests do not name.</summary>
    private static void KeepSetOnce(ResourceId id, TreeMap body, TreeMap live)
    {
        if (live.Map("spec") is { } spec && SpecSetOnce(id) is { Length: > 0 } names)
            foreach (var name in names) Keep(body.GetOrAddMap("spec"), spec, name);
        switch (id.Group, id.Kind)
        {
            case ("", "Service"):
                KeepAddresses(body.GetOrAddMap("spec"), live.Map("spec"));
                break;
            case ("batch", "Job"):
                KeepJobLabels(body.GetOrAddMap("spec"), live.Map("spec"));
                break;
            case ("", "ServiceAccount"):
                Keep(body, live, "secrets");
                break;
            case ("", "Secret"):
                Keep(body, live, "type");
                break;
            case ("rbac.authorization.k8s.io", "ClusterRole") when body["aggregationRule"] is not null:
                Keep(body, live, "rules");
                break;
        }
    }

    private static string[] SpecSetOnce(ResourceId id) => (id.Group, id.Kind) switch
    {
        ("", "Namespace") => ["finalizers"],
        ("", "PersistentVolumeClaim") => ["volumeName", "storageClassName", "volumeMode", "dataSource", "dataSourceRef"],
        ("", "PersistentVolume") => ["claimRef"],
        ("", "Pod") => ["nodeName", "serviceAccountName", "serviceAccount", "priority", "preemptionPolicy", "enableServiceLinks", "tolerations"],
        ("batch", "Job") => ["selector"],
        _ => [],
    };

    private static void KeepAddresses(TreeMap spec, TreeMap? live)
    {
        if (live is null || spec.Text("type") == "ExternalName" || live.Text("type") == "ExternalName") return;
        foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamily", "ipFamilyPolicy"]) Keep(spec, live, name);
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer")) return;
        Keep(spec, live, "healthCheckNodePort");
        foreach (var port in spec.List("ports")?.Items.OfType<TreeMap>() ?? [])
            if (live.List("ports")?.Items.OfType<TreeMap>().FirstOrDefault(known => IsSamePort(known, port)) is { } same)
                Keep(port, same, "nodePort");
    }

    private static bool IsSamePort(TreeMap left, TreeMap right) =>
        (left["port"] as TreeScalar)?.Text == (right["port"] as TreeScalar)?.Text && (left.Text("protocol") ?? "TCP") == (right.Text("protocol") ?? "TCP");

    /// <summary>The labels by which a Job finds its pods are the server's own.</summary>
    private static void KeepJobLabels(TreeMap spec, TreeMap? live)
    {
        if (live?.Map("template")?.Map("metadata")?.Map("labels") is not { } labels) return;
        foreach (var name in (ReadOnlySpan<string>)["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"])
            if (labels[name] is not null) Keep(spec.GetOrAddMap("template").GetOrAddMap("metadata").GetOrAddMap("labels"), labels, name);
    }

    private static void Keep(TreeMap to, TreeMap from, string name)
    {
        if (to[name] is null && from[name] is { } value) to.Set(name, value.Clone());
    }
}
