using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Desired;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Plan;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Plan;

/// <summary>
/// A folder: <c>input/*.yaml</c> is what Git has, <c>live/*.yaml</c> what the cluster has (an object with the annotation
/// <c>test/applied: same | old</c> is in the inventory, applied from this manifest or from an older one), <c>expected.json</c>
/// what is planned, <c>options.txt</c> the application's sync options, one a line.
/// </summary>
internal sealed class SyncScenario(string folder)
{
    private const string Applied = "test/applied";

    private static readonly TrackingOwner Owner = new("default", "shop", "web");

    public static ApiCatalog Catalog { get; } = new(
        [
            Kind("", "v1", "Namespace", false), Kind("", "v1", "ConfigMap"), Kind("", "v1", "Secret"), Kind("", "v1", "Service"),
            Kind("", "v1", "ServiceAccount"), Kind("", "v1", "ResourceQuota"), Kind("apps", "v1", "Deployment"), Kind("apps", "v1", "StatefulSet"), Kind("batch", "v1", "Job"),
            Kind("rbac.authorization.k8s.io", "v1", "Role"), Kind("rbac.authorization.k8s.io", "v1", "RoleBinding"),
            Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", false), Kind("networking.k8s.io", "v1", "Ingress"),
            Kind("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", false),
        ],
        []);

    /// <summary>As expected.json has it: what a person would want to know of the plan, a line each.</summary>
    public IReadOnlyDictionary<string, string[]> Run()
    {
        var state = Desired();
        var live = Read("live").Select(LiveOf).ToArray();
        var observed = live.ToDictionary(item => item.Id, item => ObservedObject.From(item, full: true, HealthAssessor.BuiltIn));
        var inventory = live.Where(item => item.Annotation(Applied) is not null).ToDictionary(item => item.Id, item => EntryOf(item, state));
        var plan = SyncPlanner.Plan(state, inventory, observed.GetValueOrDefault, _ => null);
        return new Dictionary<string, string[]>
        {
            ["steps"] = [.. SyncSteps.Of(state, plan.Applies, withHooks: true).SelectMany(Lines)],
            ["afterFailure"] = [.. SyncSteps.OfHooks(state, SyncPhase.SyncFail).SelectMany(Lines)],
            ["beforeDeletion"] = [.. SyncSteps.OfHooks(state, SyncPhase.PreDelete).SelectMany(Lines)],
            ["afterDeletion"] = [.. SyncSteps.OfHooks(state, SyncPhase.PostDelete).SelectMany(Lines)],
            ["unchanged"] = [plan.Unchanged.ToString(System.Globalization.CultureInfo.InvariantCulture)],
            ["prune"] = [.. plan.PruneCandidates.Select(entry => entry.Id.Display)],
            ["faults"] = [.. state.Faults.Select(fault => fault.ToString())],
            ["notices"] = [.. state.Notices.Select(notice => notice.ToString())],
        };
    }

    private static IEnumerable<string> Lines(SyncStep step)
    {
        foreach (var stage in step.Stages) yield return $"{step.Display}: {string.Join(", ", stage.Applies.Select(apply => $"{apply.Reason.ToString().ToLowerInvariant()} {apply.Desired.Id.Display}"))}";
        foreach (var stage in step.Hooks)
            yield return $"{step.Display}: run {string.Join(", ", stage.Select(hook => $"{hook.Make(step.Phase, "0123456789abcdef", DateTimeOffset.UnixEpoch.AddSeconds(1700000000), "run").Id.Display} ({hook.Policy.Deletion})"))}";
    }

    private DesiredState Desired()
    {
        var objects = new List<ManifestObject>();
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "input")).Order(StringComparer.Ordinal))
        {
            var parsed = ManifestParser.Parse(Path.GetFileName(file), File.ReadAllBytes(file), RenderLimits.Default);
            Assert.Empty(parsed.Faults);
            objects.AddRange(parsed.Objects);
        }
        var options = Path.Combine(folder, "options.txt");
        return DesiredState.Build(
            ManifestSets.Combine(objects).Set!, Catalog, "shop", Owner, options: new SyncOptionSet(File.Exists(options) ? File.ReadAllLines(options) : []));
    }

    private IEnumerable<TreeMap> Read(string part)
    {
        var path = Path.Combine(folder, part);
        if (!Directory.Exists(path)) yield break;
        foreach (var file in Directory.GetFiles(path).Order(StringComparer.Ordinal))
        {
            var reader = new YamlDocumentReader(File.ReadAllText(file), 0, RenderLimits.Default, reason => throw new InvalidDataException(reason));
            while (reader.TryRead(out var root))
                if (root is TreeMap map) yield return map;
        }
    }

    private static LiveObject LiveOf(TreeMap root)
    {
        var metadata = root.GetOrAddMap("metadata");
        metadata.Set("uid", TreeScalar.Of(Guid.NewGuid().ToString()));
        metadata.Set("resourceVersion", TreeScalar.Of("10"));
        metadata.GetOrAddMap("labels").Set(Tracking.ManagedLabel, TreeScalar.Of(Tracking.ManagedValue));
        return LiveObject.From(JsonElement.Parse(CanonicalJson.Write(root)), root.Text("apiVersion")!, root.Text("kind")!);
    }

    private static InventoryEntry EntryOf(LiveObject live, DesiredState state)
    {
        var hash = live.Annotation(Applied) == "same" ? state.Objects.Single(item => item.Id == live.Id).Hash : Digest.Of("older");
        return new InventoryEntry { Id = live.Id, ApiVersion = live.ApiVersion, Uid = live.Uid, DesiredHash = hash, Proof = ObjectProof.Of(hash, live) };
    }

    private static ApiResource Kind(string group, string version, string kind, bool namespaced = true) =>
        new(group, version, kind, kind.ToLowerInvariant() + "s", namespaced, new HashSet<string>());
}
