using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Desired;

/// <summary>All that one target wants on its cluster. With faults it is no base for a sync: nothing may be applied or pruned.</summary>
/// <param name="Objects">In order of id; no two have the same id.</param>
public sealed record DesiredState(IReadOnlyList<DesiredObject> Objects, IReadOnlyList<ManifestFault> Faults)
{
    private const string SkipMissing = "SkipDryRunOnMissingResource";

    /// <summary>What a sync runs beside them, in order of id.</summary>
    public IReadOnlyList<DesiredHook> Hooks { get; init; } = [];

    /// <summary>
    /// Objects that stand in Git and are not applied: <c>hook: Skip</c>, a kind that the cluster does not have (yet). They
    /// have not left the desired state, so none of them is ever pruned. Where the scope of a kind is not known, under each id
    /// that the object could have.
    /// </summary>
    public IReadOnlySet<ResourceId> LeftOut { get; init; } = new HashSet<ResourceId>();

    /// <summary>Of the objects and the hooks.</summary>
    public IEnumerable<ResourceId> Ids => Objects.Select(item => item.Id).Concat(Hooks.Select(hook => hook.Id));

    /// <summary>What a person should know of manifests that stop nothing.</summary>
    public IReadOnlyList<ManifestFault> Notices { get; init; } = [];

    /// <summary>Manifests that wait for their kind (SkipDryRunOnMissingResource=true).</summary>
    public int Waiting { get; init; }

    /// <summary>Known from what was applied: its objects have no bodies.</summary>
    public bool IsOutline { get; private init; }

    private TrackingOwner? Owner { get; init; }

    /// <summary>From so many on they are made on all processors; below, bringing these together takes longer than the work.</summary>
    private const int Many = 32;

    public static DesiredState Outline(IEnumerable<DesiredObject> objects) => new([.. objects.OrderBy(item => item.Id)], []) { IsOutline = true };

    /// <summary>
    /// Settles what depends on the cluster and the target: scopes, the default namespace, our label and annotations.
    /// Faults: a kind that neither the cluster serves nor a CustomResourceDefinition of the set defines, and objects that
    /// become the same one once their namespace is filled in.
    /// </summary>
    /// <param name="destinationNamespace">For namespaced objects that name none; "" means "default", as kubectl does.</param>
    /// <param name="previous">What was built before: objects whose manifests are still the same are taken from it, not made again.</param>
    public static DesiredState Build(
        ManifestSet set, ApiCatalog catalog, string destinationNamespace, TrackingOwner owner, DesiredState? previous = null, SyncOptionSet? options = null)
    {
        var known = previous?.Owner == owner ? previous.Objects.ToDictionary(made => made.Id) : [];
        var sorting = new Sorting(KindScopes.Of(set, catalog), destinationNamespace.Length == 0 ? "default" : destinationNamespace, owner, options ?? SyncOptionSet.None);
        foreach (var manifest in set.Objects) sorting.Add(manifest);

        var wanted = sorting.Wanted;
        var made = new DesiredObject[wanted.Count];
        void Make(int index) => made[index] = Take(wanted[index].Manifest, wanted[index].Id, owner, known);
        if (made.Length >= Many) Parallel.For(0, made.Length, Make);
        else for (var index = 0; index < made.Length; index++) Make(index);
        var objects = new Dictionary<ResourceId, DesiredObject>(made.Length);
        foreach (var item in made)
            if (!objects.TryAdd(item.Id, item))
                sorting.Faults.Add(new ManifestFault(item.Position.File, item.Position.Document, item.Id, $"the same object is already in {objects[item.Id].Position}"));
        foreach (var hook in sorting.Hooks.Where(hook => objects.ContainsKey(hook.Id)))
            sorting.Faults.Add(new ManifestFault(hook.Position.File, hook.Position.Document, hook.Id, $"the same object is already in {objects[hook.Id].Position}"));
        return new DesiredState([.. objects.Values.OrderBy(item => item.Id)], sorting.Faults)
        {
            Owner = owner,
            Hooks = [.. sorting.Hooks.OrderBy(hook => hook.Id)],
            LeftOut = sorting.LeftOut,
            Notices = sorting.Notices,
            Waiting = sorting.Waiting,
        };
    }

    private static DesiredObject Take(ManifestObject manifest, ResourceId id, TrackingOwner owner, Dictionary<ResourceId, DesiredObject> known) =>
        known.TryGetValue(id, out var before) && before.Manifest == manifest.Hash
            ? before.Position == manifest.Position ? before : before with { Position = manifest.Position }
            : DesiredObjects.Make(manifest, id, owner);

    /// <summary>Tells objects, hooks and what is left out apart.</summary>
    private sealed class Sorting(KindScopes scopes, string space, TrackingOwner owner, SyncOptionSet options)
    {
        public List<(ManifestObject Manifest, ResourceId Id)> Wanted { get; } = [];
        public List<DesiredHook> Hooks { get; } = [];
        public HashSet<ResourceId> LeftOut { get; } = [];
        public List<ManifestFault> Faults { get; } = [];
        public List<ManifestFault> Notices { get; } = [];
        public int Waiting { get; private set; }

        public void Add(ManifestObject manifest)
        {
            // Most manifests are no hooks: their annotations need not be read twice.
            var annotations = manifest.Json.Span.IndexOf("/hook"u8) < 0 ? null : DesiredObjects.AnnotationsOf(manifest);
            if (annotations is not null && HookPolicy.IsSkipped(annotations))
            {
                Leave(manifest);
                return;
            }
            if (scopes.IsNamespaced(manifest, out var reason) is not { } namespaced)
            {
                if (!options.IsSet(SkipMissing, annotations ?? DesiredObjects.AnnotationsOf(manifest)))
                {
                    Faults.Add(Fault(manifest, reason));
                    Leave(manifest);
                    return;
                }
                Waiting++;
                Leave(manifest);
                Notices.Add(Fault(manifest, $"waits for its kind: {reason}"));
                return;
            }

            var id = manifest.Id with { Namespace = namespaced ? manifest.Id.Namespace is "" ? space : manifest.Id.Namespace : "" };
            if (annotations is null || HookPolicy.Of(annotations) is not { } policy) Wanted.Add((manifest, id));
            else AddHook(manifest, id, policy, annotations);
        }

        private void AddHook(ManifestObject manifest, ResourceId id, HookPolicy policy, IReadOnlyDictionary<string, string> annotations)
        {
            LeftOut.Add(id);
            if (policy.UnknownWords.Count > 0)
                Notices.Add(Fault(manifest, $"is a hook of no known phase ({string.Join(", ", policy.UnknownWords.Take(3))}){(policy.Phases.Count == 0 ? " and never runs" : "")}"));
            if (policy.Phases.Count == 0) return;
            Hooks.Add(new DesiredHook(id, policy, ObjectAnnotations.Wave(annotations), manifest.GenerateName, manifest, owner));
        }

        private void Leave(ManifestObject manifest)
        {
            LeftOut.Add(manifest.Id with { Namespace = manifest.Id.Namespace.Length == 0 ? space : manifest.Id.Namespace });
            // Of a cluster-scoped kind, whose manifests may name a namespace all the same.
            LeftOut.Add(manifest.Id with { Namespace = "" });
        }

        private static ManifestFault Fault(ManifestObject manifest, string reason) =>
            new(manifest.Position.File, manifest.Position.Document, manifest.Id, reason);
    }
}
