using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>A text, number or truth value; immutable.</summary>
internal sealed class JsonValue : JsonNode
{
    private static readonly JsonValue True = new("true"u8.ToArray(), JsonValueKind.True);
    private static readonly JsonValue False = new("false"u8.ToArray(), JsonValueKind.False);

    private readonly ReadOnlyMemory<byte> _json;
    private readonly JsonValueKind _kind;
    private string? _text;

    /// <param name="json">As it is written; of a text, with its quotes and without any escape.</param>
    public JsonValue(ReadOnlyMemory<byte> json, JsonValueKind kind) => (_json, _kind) = (json, kind);

    public JsonValue(string text) => (_text, _kind) = (text, JsonValueKind.String);

    public static JsonValue Of(bool value) => value ? True : False;

    public static JsonValue Of(long number) => new(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), JsonValueKind.Number);

    public override JsonNode DeepClone() => this;

    public override JsonValueKind GetValueKind() => _kind;

    public override void WriteTo(IBufferWriter<byte> output)
    {
        if (_json.IsEmpty) JsonText.Write(output, _text!);
        else output.Write(_json.Span);
    }

    /// <summary>string, long, int or bool.</summary>
    public bool TryGetValue<T>([NotNullWhen(true)] out T? value)
    {
        object? found = null;
        if (typeof(T) == typeof(string)) found = _kind == JsonValueKind.String ? ToString() : null;
        else if (typeof(T) == typeof(bool)) found = _kind is JsonValueKind.True or JsonValueKind.False ? _kind == JsonValueKind.True : null;
        else if (IsInteger(out var number)) found = typeof(T) == typeof(long) ? number : typeof(T) == typeof(int) && number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
        value = found is T typed ? typed : default;
        return found is T;
    }

    public bool IsInteger(out long number)
    {
        number = 0;
        return _kind == JsonValueKind.Number && Utf8Parser.TryParse(_json.Span, out number, out var read) && read == _json.Length;
    }

    public bool IsEmptyText => _kind == JsonValueKind.String && (_json.IsEmpty ? _text!.Length == 0 : _json.Length == 2);

    public override string ToString() => _text ??= Encoding.UTF8.GetString(_kind == JsonValueKind.String ? _json.Span[1..^1] : _json.Span);

    internal bool SameAs(JsonValue other)
    {
        if (_kind != other._kind) return false;
        if (!_json.IsEmpty && !other._json.IsEmpty && _json.Span.SequenceEqual(other._json.Span)) return true;
        return _kind switch
        {
            // What has no text beside it was read without escapes: other bytes are another text.
            JsonValueKind.String => (_json.IsEmpty || other._json.IsEmpty) && ToString() == other.ToString(),
            JsonValueKind.Number => IsSameNumber(other),
            _ => true,
        };
    }

    /// <summary>Whole numbers are compared as they are, others as a server holds them.</summary>
    private bool IsSameNumber(JsonValue other)
    {
        if (IsInteger(out var mine) && other.IsInteger(out var theirs)) return mine == theirs;
        if (IsWhole && other.IsWhole) return ToString() == other.ToString();
        var (left, right) = (double.Parse(ToString(), CultureInfo.InvariantCulture), double.Parse(other.ToString(), CultureInfo.InvariantCulture));
        return double.IsFinite(left) && left.Equals(right);
    }

    private bool IsWhole => _json.Span.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
}
