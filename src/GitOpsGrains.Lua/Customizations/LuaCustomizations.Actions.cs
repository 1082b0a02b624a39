using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Engine.Health;
using GitOpsGrains.Engine.Resources;
using GitOpsGrains.Lua.Sandbox;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Customizations;

/// <summary>Actions: <c>discovery.lua</c> says which an object has, <c>action.lua</c> makes the changed object.</summary>
public sealed partial class LuaCustomizations : IObjectActions
{
    private const int MaxActions = 100;

    public ActionList Discover(LiveObject live)
    {
        if (ActionsOf(live) is not { } scripts) return ActionList.None;
        var outcome = _sandboxes.Run(scripts.Discovery, live, ReadDocument);
        if ((outcome.Fault ?? outcome.Value.Fault) is { } fault) return new ActionList([], Cut($"{scripts.Discovery.Name}: {fault}"));
        if (outcome.Value.Node is not JsonObject map) return new ActionList([], $"{scripts.Discovery.Name}: it answered no table of actions");
        // A name without a script can't be run.
        var actions = map.Take(MaxActions).Where(item => scripts.Definitions.ContainsKey(item.Key))
            .Select(item => ActionOf(item.Key, item.Value)).OrderBy(action => action.Name, StringComparer.Ordinal);
        return new ActionList([.. actions], null);
    }

    public ActionResult Run(LiveObject live, string action)
    {
        if (ActionsOf(live) is not { } scripts || !scripts.Definitions.TryGetValue(action, out var script)) return new ActionResult(null, $"there is no action {action}");
        var outcome = _sandboxes.Run(script, live, ReadDocument);
        if ((outcome.Fault ?? outcome.Value.Fault) is { } fault) return new ActionResult(null, Cut($"{script.Name}: {fault}"));
        return outcome.Value.Node switch
        {
            JsonObject { Count: > 0 } changed => new ActionResult(changed, null),
            JsonArray list => OfList(script, list),
            _ => new ActionResult(null, $"{script.Name}: it answered no object"),
        };
    }

    /// <summary>The newer form: a list of <c>{operation, resource}</c>.</summary>
    private static ActionResult OfList(LuaScript script, JsonArray list)
    {
        if (list is not [JsonObject only] || TextOf(only["operation"]) != "patch")
            return new ActionResult(null, $"{script.Name}: it makes other objects, which is not supported: an action may change the object itself");
        return only["resource"] is JsonObject changed ? new ActionResult(changed, null) : new ActionResult(null, $"{script.Name}: it answered no object");
    }

    private ActionScripts? ActionsOf(LiveObject live) => Find(live.Id.Group, live.Id.Kind, item => item.Actions);

    private static ObjectAction ActionOf(string name, JsonNode? value)
    {
        var details = value as JsonObject;
        var isDisabled = details?["disabled"] is JsonValue flag && flag.GetValueKind() == JsonValueKind.True;
        return new ObjectAction(name, isDisabled, TextOf(details?["displayName"]) is { Length: > 0 } text ? Cut(text) : name);
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static (JsonNode? Node, string? Fault) ReadDocument(LuaState lua)
    {
        try
        {
            return (LuaJson.Read(lua), null);
        }
        catch (InvalidDataException fault)
        {
            return (null, $"its answer is no object: {fault.Message}");
        }
    }
}
