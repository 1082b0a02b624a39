using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeraLua;
using LuaState = KeraLua.Lua;

namespace GitOpsGrains.Lua.Sandbox;

/// <summary>
/// JSON to tables and back. Nothing here calls into a script, and nothing fails in a way that Lua would raise: the caller
/// stands outside of any protected call.
/// </summary>
internal static class LuaJson
{
    private const int MaxDepth = 200;
    private const int MaxNodes = 200_000;

    /// <summary>
    /// Pushes an object with its apiVersion and kind, which list items lack, and without its managedFields, which no
    /// script reads and which are half of it. False, with anything on the stack, if it is nested too deeply.
    /// </summary>
    public static bool TryPushObject(LuaState lua, JsonElement obj, string apiVersion, string kind)
    {
        if (!TryPush(lua, obj, 0)) return false;
        SetText(lua, "apiVersion", apiVersion);
        SetText(lua, "kind", kind);
        return true;
    }

    /// <summary>The text of a string or number at the index, which stays as it is.</summary>
    public static string Text(LuaState lua, int index)
    {
        // Reading a number as text changes it in place.
        lua.PushCopy(index);
        var bytes = lua.ToBuffer(-1, false);
        lua.Pop(1);
        return bytes is null ? "" : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A field of the table on top of the stack, as text; null if there is none or it is no text.</summary>
    public static string? TextField(LuaState lua, string name)
    {
        lua.PushString(name);
        var type = lua.RawGet(-2);
        var text = type is LuaType.String or LuaType.Number ? Text(lua, -1) : null;
        lua.Pop(1);
        return text;
    }

    /// <summary>
    /// The value on top of the stack. An empty table is an empty object. Errors: <see cref="InvalidDataException"/> for
    /// what JSON does not have (functions, tables with keys of both kinds, cycles) and for more than 200,000 values.
    /// </summary>
    public static JsonNode? Read(LuaState lua)
    {
        var nodes = 0;
        return Read(lua, 0, ref nodes);
    }

    private static bool TryPush(LuaState lua, JsonElement value, int depth)
    {
        if (depth > MaxDepth || !lua.CheckStack(4)) return false;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                lua.CreateTable(0, value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    if (depth == 1 && property.NameEquals("managedFields")) continue;
                    lua.PushString(property.Name);
                    if (!TryPush(lua, property.Value, depth + 1)) return false;
                    lua.RawSet(-3);
                }
                return true;
            case JsonValueKind.Array:
                lua.CreateTable(value.GetArrayLength(), 0);
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (!TryPush(lua, item, depth + 1)) return false;
                    lua.RawSetInteger(-2, ++index);
                }
                return true;
            case JsonValueKind.String:
                lua.PushString(value.GetString()!);
                return true;
            case JsonValueKind.Number:
                if (value.TryGetInt64(out var integer)) lua.PushInteger(integer);
                else lua.PushNumber(value.GetDouble());
                return true;
            case JsonValueKind.True or JsonValueKind.False:
                lua.PushBoolean(value.ValueKind == JsonValueKind.True);
                return true;
            default:
                lua.PushNil();
                return true;
        }
    }

    private static void SetText(LuaState lua, string name, string text)
    {
        lua.PushString(name);
        lua.PushString(text);
        lua.RawSet(-3);
    }

    private static JsonNode? Read(LuaState lua, int depth, ref int nodes)
    {
        if (++nodes > MaxNodes) throw new InvalidDataException($"it holds more than {MaxNodes} values");
        if (depth > MaxDepth || !lua.CheckStack(4)) throw new InvalidDataException("it is nested too deeply");
        return lua.Type(-1) switch
        {
            LuaType.Nil => null,
            LuaType.Boolean => JsonValue.Create(lua.ToBoolean(-1)),
            LuaType.Number => Number(lua),
            LuaType.String => JsonValue.Create(Text(lua, -1)),
            LuaType.Table => IsList(lua) ? List(lua, depth, ref nodes) : Map(lua, depth, ref nodes),
            var other => throw new InvalidDataException($"a {other.ToString().ToLowerInvariant()} is nothing that an object can hold"),
        };
    }

    private static JsonValue Number(LuaState lua)
    {
        if (lua.IsInteger(-1)) return JsonValue.Create(lua.ToInteger(-1));
        var number = lua.ToNumber(-1);
        if (!double.IsFinite(number)) throw new InvalidDataException("a number is not finite");
        // Scripts are written for a Lua that has no integers: 4/2 is 2 there.
        return number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    private static bool IsList(LuaState lua)
    {
        var length = lua.RawLen(-1);
        return length > 0 && lua.RawGetInteger(-1, 1) is var first && Popped(lua) && first != LuaType.Nil;
    }

    private static bool Popped(LuaState lua)
    {
        lua.Pop(1);
        return true;
    }

    private static JsonArray List(LuaState lua, int depth, ref int nodes)
    {
        var list = new JsonArray();
        var length = lua.RawLen(-1);
        for (var i = 1; i <= length; i++)
        {
            lua.RawGetInteger(-1, i);
            list.Add(Read(lua, depth + 1, ref nodes));
            lua.Pop(1);
        }
        return list;
    }

    private static JsonObject Map(LuaState lua, int depth, ref int nodes)
    {
        var map = new JsonObject();
        lua.PushNil();
        while (lua.Next(-2))
        {
            if (lua.Type(-2) != LuaType.String) throw new InvalidDataException("a table has keys that are no text, and is no list");
            map[Text(lua, -2)] = Read(lua, depth + 1, ref nodes);
            lua.Pop(1);
        }
        return map;
    }
}
