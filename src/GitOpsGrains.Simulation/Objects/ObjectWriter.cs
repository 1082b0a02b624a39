using System.Globalization;
using System.Security.Cryptography;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Patching;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>
/// The writes of one cluster, each done whole inside the store's gate. A dry run does all but storing. Errors: <see cref="ApiException"/>.
/// </summary>
internal sealed class ObjectWriter(ClusterStore store, TimeProvider time)
{
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    public StoredObject Create(ObjectAddress address, JsonObject body, WriteOptions options)
    {
        lock (store.Gate) return CreateLocked(address, body, options, null);
    }

    public StoredObject Update(ObjectAddress address, JsonObject body, WriteOptions options)
    {
        lock (store.Gate)
        {
            ObjectReading.CheckIdentity(body, address);
            var (stored, live, fields) = Load(address);
            CheckUpdatePreconditions(address, stored, body);
            return UpdateLocked(address, stored, live, fields, body, options);
        }
    }

    /// <param name="kind">Merge, JSON or strategic merge.</param>
    public StoredObject Patch(ObjectAddress address, PatchKind kind, ReadOnlyMemory<byte> patch, WriteOptions options)
    {
        var parsed = ObjectReading.Parse(patch);
        lock (store.Gate)
        {
            var (stored, live, fields) = Load(address);
            var next = Patches.Apply(kind, stored.ToNode(address.Kind, isWhole: true), parsed, address.Kind.Type);
            if (next["metadata"] is not JsonObject metadata || metadata["name"] is null) throw ApiException.Invalid(address.Kind, address.Name, [("metadata.name", "Required value: name or generateName is required")]);
            ObjectReading.CheckIdentity(next, address);
            CheckUpdatePreconditions(address, stored, next);
            return UpdateLocked(address, stored, live, fields, next, options);
        }
    }

    public StoredObject Apply(ObjectAddress address, JsonObject body, WriteOptions options, out bool isNew)
    {
        lock (store.Gate)
        {
            isNew = false;
            ObjectReading.CheckIdentity(body, address);
            if (body["metadata"]!["managedFields"] is not null) throw ApiException.BadRequest("metadata.managedFields must be nil");
            var mark = new ApplyMark(options.Manager, address.Subresource, options.Force, Now);
            if (store.Of(address.Kind).Find(address.Namespace, address.Name) is null)
            {
                if (address.Subresource.Length > 0) throw ApiException.NotFound(address.Kind, address.Name);
                isNew = true;
                CheckCreatePreconditions(address, body);
                return CreateLocked(address, body, options, mark);
            }

            var (stored, live, managed) = Load(address);
            CheckApplyPreconditions(address, stored, body);
            ObjectMetadata.Clear(body);
            var applied = address.Subresource.Length == 0 ? body : OfStatus(body);
            if (address.Subresource.Length == 0 && address.Kind.HasStatus) applied.Remove("status");
            var fields = managed.Copy();
            var next = Applied(live, fields, applied, address, mark);
            return Store(address, stored, live, next, fields, managed, options, null);
        }
    }

    private string Now => ManagedFields.TimeText(time.GetUtcNow());

    private (StoredObject Stored, JsonObject Live, ManagedFields Fields) Load(ObjectAddress address)
    {
        var stored = store.Of(address.Kind).Find(address.Namespace, address.Name) ?? throw ApiException.NotFound(address.Kind, address.Name);
        var live = stored.ToNode(address.Kind);
        return (stored, live, ObjectMetadata.TakeManagedFields(live) ?? new ManagedFields());
    }

    /// <param name="mark">Of an apply; null where a client creates.</param>
    private StoredObject CreateLocked(ObjectAddress address, JsonObject body, WriteOptions options, ApplyMark? mark)
    {
        ObjectReading.CheckIdentity(body, address);
        var kind = address.Kind;
        if (kind.IsTerminating) throw new ApiException(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating");
        CheckNamespace(address);
        if (mark is null && ObjectMetadata.Text(body, "resourceVersion") is { Length: > 0 }) throw ApiException.Internal("resourceVersion should not be set on objects to be created");
        var fields = (mark is null ? ObjectMetadata.TakeManagedFields(body) : null) ?? new ManagedFields();
        ObjectMetadata.Clear(body);
        if (kind.HasStatus) body.Remove("status");
        var next = mark is { } apply ? Applied(null, fields, body, address, apply) : body;
        Complete(null, next, kind, options, mark is not null);
        var metadata = ObjectMetadata.Of(next);
        if (metadata["name"] is null && metadata["generateName"] is { } prefix) metadata["name"] = prefix + RandomNumberGenerator.GetString(NameLetters, 5);
        if (metadata["name"] is null) throw ApiException.Invalid(kind, "", [("name", "Required value: name or generateName is required")]);
        ObjectRules.Check(null, next, kind);
        if (mark is null) FieldManager.Update(null, fields, next, kind, options.Manager, "", Now);
        var name = metadata["name"]!.ToString();
        if (store.Of(kind).Find(address.Namespace, name) is not null) throw ApiException.AlreadyExists(kind, name);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Now;
        if (kind.HasGeneration) metadata["generation"] = 1;
        ObjectMetadata.Finish(next, fields);
        return options.DryRun ? StoredObject.From(next) : store.Put(kind, next, null);
    }

    private StoredObject UpdateLocked(ObjectAddress address, StoredObject stored, JsonObject live, ManagedFields managed, JsonObject next, WriteOptions options)
    {
        var given = ObjectMetadata.Of(next)["managedFields"];
        var sent = ObjectMetadata.TakeManagedFields(next);
        // An empty list is as good as none; one empty entry resets.
        var fields = sent is not null && (sent.Entries.Count > 0 || given is JsonArray { Count: > 0 }) ? sent : managed.Copy();
        return Store(address, stored, live, next, fields, managed, options, options.Manager);
    }

    /// <param name="updater">Null where the fields are settled already, as for an apply.</param>
    private StoredObject Store(
        ObjectAddress address, StoredObject stored, JsonObject live, JsonObject next, ManagedFields fields, ManagedFields before, WriteOptions options, string? updater)
    {
        var kind = address.Kind;
        next = Reset(address, live, next);
        Complete(live, next, kind, options, updater is null);
        ObjectMetadata.CarryOver(live, next);
        ObjectRules.Check(live, next, kind);
        var touched = updater is null
            ? !Comparison.Of(live, next, kind.Type).IsSame || !fields.SameFields(before)
            : FieldManager.Update(live, fields, next, kind, updater, address.Subresource, Now) || !fields.SameFields(before);
        if (!touched) return stored;
        if (kind.HasGeneration && address.Subresource != "status" && SpecDiffers(live, next, kind))
            ObjectMetadata.Of(next)["generation"] = (long.TryParse(ObjectMetadata.Text(live, "generation"), out var count) ? count : 0) + 1;
        ObjectMetadata.Finish(next, fields);
        if (options.DryRun) return StoredObject.From(next);
        var isReleased = ObjectMetadata.IsDeleting(next) && ObjectMetadata.Finalizers(next).Count == 0 && next["spec"]?["finalizers"] is null or JsonArray { Count: 0 };
        if (!isReleased) return store.Put(kind, next, stored);
        store.Delete(kind, stored);
        if (kind.IsTerminating && store.Of(kind).Count == 0) ReleaseDefinition(kind);
        return StoredObject.From(next);
    }

    /// <summary>Its last object is gone.</summary>
    private void ReleaseDefinition(ResourceKind kind)
    {
        var definitions = store.Kinds.FindStorage(KindCatalog.Definitions)!;
        var address = new ObjectAddress(definitions, "", kind.Storage, "");
        var node = store.Of(definitions).Find("", kind.Storage)!.ToNode(definitions);
        node["metadata"]!["finalizers"] = new JsonArray([.. ObjectMetadata.Finalizers(node).Where(static name => name?.ToString() != ObjectDeleter.Cleanup).Select(static name => name?.DeepClone())]);
        Update(address, node, new WriteOptions("kube-apiserver", false, false, false));
    }

    private static JsonObject Applied(JsonObject? live, ManagedFields fields, JsonObject body, ObjectAddress address, ApplyMark mark)
    {
        try
        {
            return FieldManager.Apply(live, fields, body, address.Kind, mark);
        }
        catch (TypedValueException exception)
        {
            throw ApiException.Internal($"failed to create typed patch object ({address.Namespace}/{address.Name}; {address.Kind.ApiVersion}, Kind={address.Kind.Kind}): {exception.Message}");
        }
        catch (FieldConflictException exception)
        {
            throw ApiException.OfFields(exception);
        }
    }

    /// <summary>A write of the status leaves the rest as it is, and the other way round.</summary>
    private static JsonObject Reset(ObjectAddress address, JsonObject live, JsonObject next)
    {
        if (!address.Kind.HasStatus) return next;
        if (address.Subresource != "status")
        {
            Copy(live, next, "status");
            return next;
        }

        var kept = (JsonObject)live.DeepClone();
        Copy(next, kept, "status");
        if (!address.Kind.IsCustom) kept["metadata"] = next["metadata"]!.DeepClone();
        return kept;
    }

    private static void Copy(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value) to[name] = value.DeepClone();
        else to.Remove(name);
    }

    private void Complete(JsonObject? live, JsonObject next, ResourceKind kind, WriteOptions options, bool isApply)
    {
        try
        {
            if (kind.IsCustom) ObjectReading.CheckDecodes(next["metadata"], SchemaTable.BuiltIn.Metadata, kind);
            else ObjectReading.CheckDecodes(next, kind.Type, kind);
        }
        catch (ApiException exception) when (isApply)
        {
            throw ApiException.Internal($"failed to convert new object to proper version: unable to convert unstructured object to {kind.ApiVersion}, Kind={kind.Kind}: {exception.Message}");
        }

        List<string>? unknown = options.IsStrict ? [] : null;
        DefaultRules.Complete(next, kind.Type, unknown);
        if (unknown is { Count: > 0 })
            throw ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", unknown.Select(field => $"unknown field \"{field}\""))}");
        KindRules.Complete(live, next, kind, store.Version + 1, Now);
    }

    private void CheckNamespace(ObjectAddress address)
    {
        if (!address.Kind.Namespaced) return;
        var spaces = store.Kinds.Find("", "v1", "namespaces")!;
        var space = store.Of(spaces).Find("", address.Namespace) ?? throw ApiException.NoSuchNamespace(address.Namespace);
        if (!ObjectMetadata.IsDeleting(space.ToNode(spaces))) return;
        var cause = new JsonObject { ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {address.Namespace} is being terminated", ["field"] = "metadata.namespace" };
        throw ApiException.Forbidden(
            $"{address.Kind.Storage} \"{address.Name}\" is forbidden: unable to create new content in namespace {address.Namespace} because it is being terminated",
            new JsonObject { ["name"] = address.Name, ["kind"] = address.Kind.Plural, ["causes"] = new JsonArray(cause) });
    }

    private static void CheckUpdatePreconditions(ObjectAddress address, StoredObject stored, JsonObject body)
    {
        var version = ObjectMetadata.Text(body, "resourceVersion");
        if (version is { Length: > 0 } and not "0" && version != stored.Version.ToString(CultureInfo.InvariantCulture)) throw ApiException.Modified(address.Kind, address.Name);
        if (ObjectMetadata.Text(body, "uid") is { Length: > 0 } uid && uid != stored.Uid)
            throw ApiException.Conflict(address.Kind, address.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {stored.Uid}");
    }

    private static void CheckApplyPreconditions(ObjectAddress address, StoredObject stored, JsonObject body)
    {
        var version = ObjectMetadata.Text(body, "resourceVersion");
        if (version is { Length: > 0 } && version != stored.Version.ToString(CultureInfo.InvariantCulture)) throw ApiException.Modified(address.Kind, address.Name);
        if (ObjectMetadata.Text(body, "uid") is { Length: > 0 } uid && uid != stored.Uid) throw WrongUid(address, uid);
    }

    private static void CheckCreatePreconditions(ObjectAddress address, JsonObject body)
    {
        var (uid, version) = (ObjectMetadata.Text(body, "uid"), ObjectMetadata.Text(body, "resourceVersion"));
        if (version is { Length: > 0 } && uid is { Length: > 0 })
            throw ApiException.Conflict(address.Kind, address.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        if (uid is { Length: > 0 }) throw WrongUid(address, uid);
        // Of all kinds, services alone look at it here.
        if (version is { Length: > 0 } && address.Kind.Storage == "services") throw ApiException.Internal("resourceVersion should not be set on objects to be created");
    }

    private static ApiException WrongUid(ObjectAddress address, string uid) =>
        ApiException.Invalid(address.Kind, address.Name, [("metadata.uid", $"Invalid value: \"{uid}\": field is immutable")]);

    private static JsonObject OfStatus(JsonObject body)
    {
        var status = new JsonObject { ["apiVersion"] = body["apiVersion"]?.DeepClone(), ["kind"] = body["kind"]?.DeepClone() };
        Copy(body, status, "status");
        return status;
    }

    /// <summary>Deployments count changes of their annotations too.</summary>
    private static bool SpecDiffers(JsonObject live, JsonObject next, ResourceKind kind)
    {
        if (kind.Storage == "deployments.apps" && !JsonNode.DeepEquals(live["metadata"]?["annotations"], next["metadata"]?["annotations"])) return true;
        return Differ(live, next, kind) || Differ(next, live, kind);
    }

    private static bool Differ(JsonObject left, JsonObject right, ResourceKind kind)
    {
        foreach (var (name, value) in left)
            if (name is not ("metadata" or "apiVersion" or "kind") && !(name == "status" && kind.HasStatus) && !JsonNode.DeepEquals(value, right[name])) return true;
        return false;
    }
}
