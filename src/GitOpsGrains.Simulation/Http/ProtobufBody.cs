using System.Buffers.Binary;
using System.Text;
using GitOpsGrains.Simulation.Json;
using GitOpsGrains.Simulation.Objects;

namespace GitOpsGrains.Simulation.Http;

/// <summary>
/// Objects in protobuf, as "kubectl create namespace" and its like send them: of the kinds that people make so. Everything else
/// is refused by a sentence that says what to do.
/// </summary>
internal static class ProtobufBody
{
    private const int MaxDepth = 8;

    private enum Form
    {
        Text,
        Truth,
        Message,
        TextMap,
        BytesMap,
    }

    private sealed record Field(string Name, Form Form, Dictionary<int, Field>? Parts = null);

    private static readonly Dictionary<int, Field> Metadata = new()
    {
        [1] = new("name", Form.Text), [2] = new("generateName", Form.Text), [3] = new("namespace", Form.Text), [11] = new("labels", Form.TextMap), [12] = new("annotations", Form.TextMap),
    };

    private static readonly Dictionary<string, Dictionary<int, Field>> Kinds = new()
    {
        ["Namespace"] = new() { [1] = new("metadata", Form.Message, Metadata) },
        ["ServiceAccount"] = new() { [1] = new("metadata", Form.Message, Metadata) },
        ["ConfigMap"] = new() { [1] = new("metadata", Form.Message, Metadata), [2] = new("data", Form.TextMap), [3] = new("binaryData", Form.BytesMap), [4] = new("immutable", Form.Truth) },
        ["Secret"] = new() { [1] = new("metadata", Form.Message, Metadata), [2] = new("data", Form.BytesMap), [3] = new("type", Form.Text), [4] = new("stringData", Form.TextMap), [5] = new("immutable", Form.Truth) },
    };

    /// <summary>"k8s" and a zero byte.</summary>
    public static bool Is(ReadOnlySpan<byte> body) => body.StartsWith("k8s\0"u8);

    /// <summary>The same object as JSON. Errors: 400, 415.</summary>
    public static JsonObject Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return ReadEnvelope(body[4..]);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw ApiException.BadRequest("the request is no object in protobuf");
        }
    }

    private static JsonObject ReadEnvelope(ReadOnlySpan<byte> envelope)
    {
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        while (Next(ref envelope, out var number, out var value, out _))
        {
            if (number == 2) raw = value;
            if (number != 1) continue;
            while (Next(ref value, out var part, out var text, out _))
            {
                if (part == 1) apiVersion = Encoding.UTF8.GetString(text);
                if (part == 2) kind = Encoding.UTF8.GetString(text);
            }
        }

        if (!Kinds.TryGetValue(kind, out var fields))
            throw new ApiException(415, "UnsupportedMediaType", $"the simulation reads {kind} as JSON, not in protobuf: write it to a file (--dry-run=client -o yaml) and apply that");
        var node = ReadMessage(raw, fields, MaxDepth);
        (node["apiVersion"], node["kind"]) = (apiVersion, kind);
        return node;
    }

    private static JsonObject ReadMessage(ReadOnlySpan<byte> message, Dictionary<int, Field> fields, int depth)
    {
        var node = new JsonObject();
        while (Next(ref message, out var number, out var value, out var integer))
        {
            if (!fields.TryGetValue(number, out var field)) continue;
            var text = field.Form is Form.Text ? Encoding.UTF8.GetString(value) : "";
            switch (field.Form)
            {
                case Form.Text when text.Length > 0:
                    node[field.Name] = text;
                    break;
                case Form.Truth:
                    node[field.Name] = integer != 0;
                    break;
                case Form.Message when depth > 0:
                    node[field.Name] = ReadMessage(value, field.Parts!, depth - 1);
                    break;
                case Form.TextMap or Form.BytesMap:
                    if (node[field.Name] is not JsonObject map) node[field.Name] = map = [];
                    ReadEntry(value, map, field.Form == Form.BytesMap);
                    break;
            }
        }

        return node;
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, JsonObject map, bool isBytes)
    {
        string name = "", text = "";
        while (Next(ref entry, out var number, out var value, out _))
        {
            if (number == 1) name = Encoding.UTF8.GetString(value);
            if (number == 2) text = isBytes ? Convert.ToBase64String(value) : Encoding.UTF8.GetString(value);
        }

        map[name] = text;
    }

    /// <summary>The next field: its bytes, or its number where it is one. Errors: ArgumentException for what is cut off.</summary>
    private static bool Next(scoped ref ReadOnlySpan<byte> message, out int number, out ReadOnlySpan<byte> value, out ulong integer)
    {
        number = 0;
        value = default;
        integer = 0;
        if (message.IsEmpty) return false;
        var tag = ReadNumber(ref message);
        number = checked((int)(tag >> 3));
        switch (tag & 7)
        {
            case 0:
                integer = ReadNumber(ref message);
                return true;
            case 1:
                integer = BinaryPrimitives.ReadUInt64LittleEndian(message);
                message = message[8..];
                return true;
            case 2:
                var length = checked((int)ReadNumber(ref message));
                value = message[..length];
                message = message[length..];
                return true;
            case 5:
                integer = BinaryPrimitives.ReadUInt32LittleEndian(message);
                message = message[4..];
                return true;
            default:
                throw new ArgumentException("a kind of field that nobody writes");
        }
    }

    private static ulong ReadNumber(scoped ref ReadOnlySpan<byte> message)
    {
        ulong number = 0;
        for (var at = 0; at < message.Length && at < 10; at++)
        {
            number |= (ulong)(message[at] & 127) << (7 * at);
            if (message[at] >= 128) continue;
            message = message[(at + 1)..];
            return number;
        }

        throw new ArgumentException("a number that does not end");
    }
}
