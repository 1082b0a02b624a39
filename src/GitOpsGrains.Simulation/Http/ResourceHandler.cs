using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Clusters;
using GitOpsGrains.Simulation.Objects;
using GitOpsGrains.Simulation.Patching;
using Microsoft.AspNetCore.Http;

namespace GitOpsGrains.Simulation.Http;

/// <summary>The verbs on objects and collections.</summary>
internal sealed class ResourceHandler(WatchResponder watches, TimeProvider time)
{
    private const string ApplyType = "application/apply-patch+yaml";

    public async Task HandleAsync(HttpContext context, SimulatedCluster cluster, SimulatedUser user, ObjectAddress address)
    {
        var query = new ApiQuery(context.Request);
        var verb = Verb(context.Request, address, query);
        cluster.Requests.Add(verb == "APPLY" ? "APPLY" : Metric(verb), address.Kind.Plural, query.DryRun);
        Authenticator.Authorize(user, verb == "APPLY" ? "patch" : verb, address);
        if (address.Subresource == "scale")
        {
            await ScaleAsync(context, cluster, address, verb, query);
            return;
        }

        switch (verb)
        {
            case "get":
                await AnswerWriter.WriteObjectAsync(context, Read(cluster, address), address.Kind, time.GetUtcNow());
                break;
            case "list":
                await ListResponder.WriteAsync(context, cluster, address, query, time.GetUtcNow());
                break;
            case "watch":
                await watches.WriteAsync(context, cluster, address, query);
                break;
            case "delete" or "deletecollection":
                await DeleteAsync(context, cluster, address, query);
                break;
            default:
                await WriteAsync(context, cluster, address, verb, query);
                break;
        }
    }

    private async Task WriteAsync(HttpContext context, SimulatedCluster cluster, ObjectAddress address, string verb, ApiQuery query)
    {
        var body = await RequestBody.ReadAsync(context);
        if (verb == "APPLY" && query.Text("fieldManager") is null or "") throw NoManager();
        var options = query.Write();
        var status = 200;
        StoredObject stored;
        switch (verb)
        {
            case "create":
                stored = cluster.Writer.Create(address, ObjectReading.ParseObject(body), options);
                status = 201;
                break;
            case "update":
                stored = cluster.Writer.Update(address, ObjectReading.ParseObject(body), options);
                break;
            case "APPLY":
                stored = cluster.Writer.Apply(address, ObjectReading.ParseObject(body), options, out var isNew);
                status = isNew ? 201 : 200;
                break;
            default:
                stored = cluster.Writer.Patch(address, KindOfPatch(context.Request, address), body, options);
                break;
        }

        await AnswerWriter.WriteObjectAsync(context, stored, address.Kind, time.GetUtcNow(), status);
    }

    private async Task DeleteAsync(HttpContext context, SimulatedCluster cluster, ObjectAddress address, ApiQuery query)
    {
        var options = ReadDeletion(await RequestBody.ReadAsync(context), query);
        if (address.Name.Length == 0)
        {
            var gone = DeleteCollection(cluster, address, query, options);
            await AnswerWriter.WriteNodeAsync(context, new JsonObject
            {
                ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = new JsonObject { ["kind"] = address.Kind.Plural, ["deleted"] = gone },
            });
            return;
        }

        var result = cluster.Deleter.Delete(address, options);
        if (result.IsPending)
        {
            await AnswerWriter.WriteObjectAsync(context, result.Last, address.Kind, time.GetUtcNow());
            return;
        }

        var details = new JsonObject { ["name"] = address.Name };
        if (address.Kind.Group.Length > 0) details["group"] = address.Kind.Group;
        (details["kind"], details["uid"]) = (address.Kind.Plural, result.Last.Uid);
        await AnswerWriter.WriteNodeAsync(context, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details });
    }

    private static int DeleteCollection(SimulatedCluster cluster, ObjectAddress address, ApiQuery query, DeletionOptions options)
    {
        var (labels, fields) = (LabelSelector.Parse(query.LabelSelector), FieldSelector.Parse(query.FieldSelector));
        lock (cluster.Store.Gate)
        {
            var chosen = cluster.Store.Of(address.Kind).Objects
                .Where(stored => (address.Namespace.Length == 0 || stored.Namespace == address.Namespace) && labels.Matches(stored) && fields.Matches(stored, address.Kind)).ToList();
            foreach (var stored in chosen) cluster.Deleter.Delete(address with { Namespace = stored.Namespace, Name = stored.Name }, options);
            return chosen.Count;
        }
    }

    private static async Task ScaleAsync(HttpContext context, SimulatedCluster cluster, ObjectAddress address, string verb, ApiQuery query)
    {
        if (verb is not ("get" or "update" or "patch")) throw Unsupported(address);
        var answer = verb == "get"
            ? ScaleSubresource.Read(cluster, address)
            : ScaleSubresource.Write(
                cluster, address, verb == "patch" ? KindOfPatch(context.Request, address) : null, ObjectReading.Parse(await RequestBody.ReadAsync(context)), query.Write());
        await AnswerWriter.WriteNodeAsync(context, answer);
    }

    private static StoredObject Read(SimulatedCluster cluster, ObjectAddress address)
    {
        lock (cluster.Store.Gate) return cluster.Store.Of(address.Kind).Find(address.Namespace, address.Name) ?? throw ApiException.NotFound(address.Kind, address.Name);
    }

    private static DeletionOptions ReadDeletion(ReadOnlyMemory<byte> body, ApiQuery query)
    {
        var options = body.IsEmpty ? [] : ObjectReading.ParseObject(body);
        var preconditions = options["preconditions"] as JsonObject;
        var propagation = options["propagationPolicy"]?.ToString() ?? query.Text("propagationPolicy") ?? "Background";
        if (propagation is not ("Background" or "Foreground" or "Orphan"))
            throw new ApiException(422, "Invalid", $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{propagation}\"");
        var isDryRun = query.DryRun || options["dryRun"] is JsonArray { Count: > 0 };
        return new DeletionOptions(preconditions?["uid"]?.ToString(), preconditions?["resourceVersion"]?.ToString(), propagation, isDryRun);
    }

    private static string Verb(HttpRequest request, ObjectAddress address, ApiQuery query)
    {
        var isOne = address.Name.Length > 0;
        return request.Method switch
        {
            "GET" when query.IsWatch => "watch",
            "GET" => isOne ? "get" : "list",
            "POST" when !isOne && address.Kind.Namespaced == address.Namespace.Length > 0 => "create",
            "PUT" when isOne => "update",
            "PATCH" when isOne => request.ContentType?.StartsWith(ApplyType, StringComparison.Ordinal) == true ? "APPLY" : "patch",
            "DELETE" => isOne ? "delete" : "deletecollection",
            _ => throw Unsupported(address),
        };
    }

    private static string Metric(string verb) => verb switch
    {
        "create" => "POST",
        "update" => "PUT",
        _ => verb.ToUpperInvariant(),
    };

    private static PatchKind KindOfPatch(HttpRequest request, ObjectAddress address) => request.ContentType?.Split(';')[0] switch
    {
        "application/merge-patch+json" => PatchKind.Merge,
        "application/json-patch+json" => PatchKind.Json,
        "application/strategic-merge-patch+json" when !address.Kind.IsCustom => PatchKind.Strategic,
        _ => throw new ApiException(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
    };

    private static ApiException Unsupported(ObjectAddress address) =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject { ["kind"] = address.Kind.Plural });

    private static ApiException NoManager() => new(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
}
