using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Fields;
using GitOpsGrains.Simulation.Schemas;

namespace GitOpsGrains.Simulation.Objects;

/// <summary>A refusal, as the "Status" that a server answers. The messages are those of real servers: clients read them.</summary>
internal sealed class ApiException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public JsonObject ToStatus()
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = Message };
        if (reason.Length > 0) status["reason"] = reason;
        if (details is not null) status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }

    public static ApiException NotFound(ResourceKind kind, string name) =>
        new(404, "NotFound", $"{kind.Storage} \"{name}\" not found", Details(kind, name));

    public static ApiException NoSuchNamespace(string name) =>
        new(404, "NotFound", $"namespaces \"{name}\" not found", new JsonObject { ["name"] = name, ["kind"] = "namespaces" });

    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    public static ApiException AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.Storage} \"{name}\" already exists", Details(kind, name));

    public static ApiException Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.Storage} \"{name}\": {why}", Details(kind, name));

    public static ApiException Modified(ResourceKind kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException TooLarge(int limit) => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException Internal(string message) => new(500, "", message);

    public static ApiException Forbidden(string message, JsonObject? details = null) => new(403, "Forbidden", message, details);

    public static ApiException Gone(string message) => new(410, "Expired", message);

    public static ApiException Invalid(ResourceKind kind, string name, IReadOnlyList<(string Field, string Message)> faults)
    {
        var causes = new JsonArray([.. faults.Select(fault =>
            new JsonObject { ["reason"] = "FieldValueInvalid", ["message"] = fault.Message, ["field"] = fault.Field })]);
        var list = string.Join(", ", faults.Select(fault => $"{fault.Field}: {fault.Message}"));
        var details = new JsonObject { ["name"] = name };
        if (kind.Group.Length > 0) details["group"] = kind.Group;
        details["kind"] = kind.Kind;
        details["causes"] = causes;
        return new ApiException(422, "Invalid", $"{kind.QualifiedKind} \"{name}\" is invalid: {(faults.Count == 1 ? list : $"[{list}]")}", details);
    }

    public static ApiException OfFields(FieldConflictException exception)
    {
        var causes = exception.Conflicts.Select(conflict => new JsonObject
        {
            ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {Describe(conflict.Manager)}", ["field"] = conflict.Path,
        });
        var text = exception.Conflicts.GroupBy(conflict => Describe(conflict.Manager)).Select(group => group.Count() == 1 && exception.Conflicts.Count == 1
            ? $"conflict with {group.Key}: {group.First().Path}"
            : $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(conflict => $"- {conflict.Path}"))}");
        var count = exception.Conflicts.Count;
        return new ApiException(409, "Conflict", $"Apply failed with {count} conflict{(count == 1 ? "" : "s")}: {string.Join('\n', text)}", new JsonObject { ["causes"] = new JsonArray([.. causes]) });
    }

    private static string Describe(ManagerId id) => id.Operation == ManagerOperation.Apply
        ? $"\"{id.Manager}\"" : $"\"{id.Manager}\" using {id.ApiVersion}";

    private static JsonObject Details(ResourceKind kind, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (kind.Group.Length > 0) details["group"] = kind.Group;
        details["kind"] = kind.Plural;
        return details;
    }
}
