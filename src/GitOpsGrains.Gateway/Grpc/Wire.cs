using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GitOpsGrains.Gateway.Grpc;

/// <summary>
/// REST objects as messages and back, by the names that both have in JSON: nothing is mapped twice, and a test holds every
/// member to a field. Enums take the words of REST; a word that the message has no value for becomes UNSPECIFIED. Pure.
/// </summary>
internal static class Wire
{
    private static readonly ConcurrentDictionary<EnumDescriptor, EnumWords> Words = new();
    private static readonly JsonParser WellKnown = new(JsonParser.Settings.Default);

    public static T To<T>(object view)
        where T : IMessage, new()
    {
        var message = new T();
        Fill(message, JsonSerializer.SerializeToNode(view, view.GetType(), DocumentJson.Rest)!.AsObject());
        return message;
    }

    /// <summary>Fields that the object has no member for are left out; so are those that are not set.</summary>
    public static T From<T>(IMessage message) => ToNode(message).Deserialize<T>(DocumentJson.Rest)!;

    /// <summary>The word of REST for an enum's value; null for UNSPECIFIED and for numbers that are none.</summary>
    public static string? WordOf(EnumDescriptor type, int value) => WordsOf(type).ByNumber.GetValueOrDefault(value);

    private static void Fill(IMessage message, JsonObject node)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!node.TryGetPropertyValue(field.JsonName, out var value) || value is null) continue;
            if (field.IsMap) FillMap((IDictionary)field.Accessor.GetValue(message), field, value.AsObject());
            else if (field.IsRepeated) FillList((IList)field.Accessor.GetValue(message), field, value.AsArray());
            else field.Accessor.SetValue(message, ValueOf(field, value));
        }
    }

    private static void FillMap(IDictionary map, FieldDescriptor field, JsonObject node)
    {
        var item = field.MessageType.FindFieldByNumber(2);
        foreach (var (key, value) in node)
            if (value is not null) map[key] = ValueOf(item, value);
    }

    private static void FillList(IList list, FieldDescriptor field, JsonArray node)
    {
        foreach (var value in node) list.Add(ValueOf(field, value));
    }

    private static object ValueOf(FieldDescriptor field, JsonNode? node)
    {
        // Of JSON itself null is a value.
        if (field.FieldType == FieldType.Message && field.MessageType.FullName == Value.Descriptor.FullName) return WellKnown.Parse<Value>(node?.ToJsonString() ?? "null");
        ArgumentNullException.ThrowIfNull(node);
        return field.FieldType switch
        {
            FieldType.String => node.GetValue<string>(),
            FieldType.Bool => node.GetValue<bool>(),
            FieldType.Int32 => node.GetValue<int>(),
            FieldType.Double => node.GetValue<double>(),
            FieldType.Enum => WordsOf(field.EnumType).ByWord.GetValueOrDefault(node.GetValue<string>()),
            FieldType.Message => MessageOf(field.MessageType, node),
            _ => throw new NotSupportedException($"{field.FullName} has a type that REST objects do not have"),
        };
    }

    private static IMessage MessageOf(MessageDescriptor type, JsonNode node)
    {
        if (type.FullName == Timestamp.Descriptor.FullName) return Timestamp.FromDateTimeOffset(node.GetValue<DateTimeOffset>());
        if (type.FullName == Struct.Descriptor.FullName) return WellKnown.Parse<Struct>(node.ToJsonString());
        var message = (IMessage)Activator.CreateInstance(type.ClrType)!;
        Fill(message, node.AsObject());
        return message;
    }

    private static JsonObject ToNode(IMessage message)
    {
        var node = new JsonObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                if (list.Count > 0) node[field.JsonName] = new JsonArray([.. list.Cast<object>().Select(item => ToNode(field, item))]);
            }
            else if (!field.HasPresence || field.Accessor.HasValue(message))
            {
                if (ToNode(field, field.Accessor.GetValue(message)) is { } value) node[field.JsonName] = value;
            }
        }
        return node;
    }

    private static JsonNode? ToNode(FieldDescriptor field, object value) => field.FieldType switch
    {
        // Without presence "" says that nothing is asked for.
        FieldType.String => field.HasPresence || field.IsRepeated || (string)value != "" ? JsonValue.Create((string)value) : null,
        FieldType.Bool => JsonValue.Create((bool)value),
        FieldType.Int32 => JsonValue.Create((int)value),
        FieldType.Enum => WordOf(field.EnumType, Convert.ToInt32(value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static EnumWords WordsOf(EnumDescriptor type) => Words.GetOrAdd(type, static known => EnumWords.Of(known));

    /// <summary>SYNC_STATUS_OUT_OF_SYNC of SyncStatus is OutOfSync, in any case.</summary>
    private sealed record EnumWords(IReadOnlyDictionary<string, int> ByWord, IReadOnlyDictionary<int, string> ByNumber)
    {
        public static EnumWords Of(EnumDescriptor type)
        {
            var prefix = new StringBuilder();
            foreach (var letter in type.Name)
            {
                if (char.IsUpper(letter) && prefix.Length > 0) prefix.Append('_');
                prefix.Append(char.ToUpperInvariant(letter));
            }
            var named = type.Values.Where(value => value.Number != 0).ToDictionary(value => Word(value.Name[(prefix.Length + 1)..]), value => value.Number, StringComparer.OrdinalIgnoreCase);
            return new EnumWords(named, named.ToDictionary(pair => pair.Value, pair => pair.Key));
        }

        private static string Word(string name) => string.Concat(name.Split('_').Select(part => string.Concat(part[..1], part[1..].ToLowerInvariant())));
    }
}
