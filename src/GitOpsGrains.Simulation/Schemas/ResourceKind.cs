using System.Buffers;
using GitOpsGrains.Simulation.Json;

namespace GitOpsGrains.Simulation.Schemas;

/// <summary>A column that a CustomResourceDefinition asks for.</summary>
internal sealed record PrinterColumn(string Name, string Type, string JsonPath, int Priority);

/// <summary>One version of one kind that a cluster serves.</summary>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Singular, string Kind, bool Namespaced, SchemaType Type)
{
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>"status" and "scale", where the kind has them.</summary>
    public IReadOnlySet<string> Subresources { get; init; } = new HashSet<string>();

    /// <summary>For objects that are looked at whatever they are.</summary>
    public static readonly ResourceKind None = new("", "", "", "", "", false, SchemaType.Any);

    public bool IsCustom { get; init; }

    /// <summary>The definition of a custom kind is being deleted: no new objects.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>What "kubectl get" shows of a custom kind, beside the name.</summary>
    public IReadOnlyList<PrinterColumn> PrinterColumns { get; init; } = [];

    /// <summary>"all", for the kinds that "kubectl get all" means.</summary>
    public IReadOnlyList<string> Categories => IsCustom ? CustomCategories : InAll.Contains(Storage) ? ["all"] : [];

    public IReadOnlyList<string> CustomCategories { get; init; } = [];

    /// <summary>How an object of this kind begins.</summary>
    public byte[] Head { get; } = WriteHead(Group.Length == 0 ? Version : $"{Group}/{Version}", Kind);

    public static byte[] WriteHead(string apiVersion, string kind)
    {
        var head = new ArrayBufferWriter<byte>(64);
        head.Write("{\"kind\":"u8);
        JsonText.Write(head, kind);
        head.Write(",\"apiVersion\":"u8);
        JsonText.Write(head, apiVersion);
        head.Write(","u8);
        return head.WrittenSpan.ToArray();
    }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>"deployments.apps", "pods": names the objects of all versions.</summary>
    public string Storage => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>"Deployment.apps", "Pod".</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>Counts changes of the spec in metadata.generation.</summary>
    public bool HasGeneration => IsCustom || WithGeneration.Contains(Storage);

    public bool HasStatus => Subresources.Contains("status");

    private static readonly HashSet<string> InAll =
    [
        "pods", "replicationcontrollers", "services", "daemonsets.apps", "deployments.apps", "replicasets.apps", "statefulsets.apps",
        "horizontalpodautoscalers.autoscaling", "cronjobs.batch", "jobs.batch",
    ];

    private static readonly HashSet<string> WithGeneration =
    [
        "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "replicationcontrollers", "networkpolicies.networking.k8s.io",
        "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io", "poddisruptionbudgets.policy", "customresourcedefinitions.apiextensions.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io", "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "endpointslices.discovery.k8s.io", "priorityclasses.scheduling.k8s.io",
    ];
}
