using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Resources;

/// <summary>
/// The one way JSON is written before it is hashed: UTF-8, keys in ordinal order, no insignificant space, only the
/// escapes that JSON demands. Hashes of it are stored, so what it writes must never change.
/// </summary>
public static class CanonicalJson
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    public static byte[] Write(TreeNode node)
    {
        using var scratch = Scratch.Take();
        Write(node, scratch.Output);
        return scratch.Output.WrittenSpan.ToArray();
    }

    public static Digest Hash(TreeNode node)
    {
        using var scratch = Scratch.Take();
        Write(node, scratch.Output);
        return Digest.Of(scratch.Output.WrittenSpan);
    }

    public static Digest Hash(JsonElement element)
    {
        using var scratch = Scratch.Take();
        Write(element, scratch.Output);
        return Digest.Of(scratch.Output.WrittenSpan);
    }

    public static void Write(TreeNode node, IBufferWriter<byte> output)
    {
        switch (node)
        {
            case TreeMap map:
                Byte(output, (byte)'{');
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    if (i > 0) Byte(output, (byte)',');
                    Text(output, map.Entries[i].Key);
                    Byte(output, (byte)':');
                    Write(map.Entries[i].Value, output);
                }

                Byte(output, (byte)'}');
                break;
            case TreeList list:
                Byte(output, (byte)'[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (i > 0) Byte(output, (byte)',');
                    Write(list.Items[i], output);
                }

                Byte(output, (byte)']');
                break;
            case TreeScalar { Kind: ScalarKind.Text } scalar:
                Text(output, scalar.Text);
                break;
            case TreeScalar scalar:
                Encoding.UTF8.GetBytes(scalar.Text, output);
                break;
        }
    }

    /// <summary>Numbers stay as the server wrote them.</summary>
    /// <param name="skip">Names entries of this element itself (not of its children) to leave out.</param>
    public static void Write(JsonElement element, IBufferWriter<byte> output, Func<JsonProperty, bool>? skip = null)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output, skip);
                break;
            case JsonValueKind.Array:
                Byte(output, (byte)'[');
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!first) Byte(output, (byte)',');
                    first = false;
                    Write(item, output);
                }

                Byte(output, (byte)']');
                break;
            case JsonValueKind.String:
                var raw = JsonMarshal.GetRawUtf8Value(element);
                if (raw.IndexOf((byte)'\\') < 0) output.Write(raw);
                else Text(output, element.GetString()!);
                break;
            case JsonValueKind.Undefined:
                Encoding.UTF8.GetBytes("null", output);
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    internal static void Byte(IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    internal static void Text(IBufferWriter<byte> output, string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
        span[0] = (byte)'"';
        var length = Encoding.UTF8.GetBytes(text, span[1..]);
        if (span.Slice(1, length).IndexOfAny(Escaped) < 0)
        {
            span[length + 1] = (byte)'"';
            output.Advance(length + 2);
            return;
        }

        Escape(output, span.Slice(1, length).ToArray());
    }

    private static void Escape(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        Byte(output, (byte)'"');
        while (true)
        {
            var at = text.IndexOfAny(Escaped);
            if (at < 0) break;
            output.Write(text[..at]);
            output.Write(EscapeOf(text[at]));
            text = text[(at + 1)..];
        }

        output.Write(text);
        Byte(output, (byte)'"');
    }

    private static ReadOnlySpan<byte> EscapeOf(byte value) => value switch
    {
        (byte)'"' => "\\\""u8,
        (byte)'\\' => "\\\\"u8,
        (byte)'\n' => "\\n"u8,
        (byte)'\r' => "\\r"u8,
        (byte)'\t' => "\\t"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{value:x4}"),
    };

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output, Func<JsonProperty, bool>? skip)
    {
        if (IsInOrder(element)) WriteInOrder(element, output, skip);
        else WriteSorted(element, output, skip);
    }

    /// <summary>As servers write most objects: plain names, each once, in order. They can be copied as they are.</summary>
    private static bool IsInOrder(JsonElement element)
    {
        ReadOnlySpan<byte> before = default;
        foreach (var property in element.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            // Beyond ASCII the order of bytes is not that of strings.
            if (name.IsEmpty || before.SequenceCompareTo(name) >= 0 || !Ascii.IsValid(name) || name.Contains((byte)'\\')) return false;
            before = name;
        }
        return true;
    }

    private static void WriteInOrder(JsonElement element, IBufferWriter<byte> output, Func<JsonProperty, bool>? skip)
    {
        Byte(output, (byte)'{');
        var isFirst = true;
        foreach (var property in element.EnumerateObject())
        {
            if (skip is not null && skip(property)) continue;
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            var span = output.GetSpan(name.Length + 4);
            var at = 0;
            if (!isFirst) span[at++] = (byte)',';
            isFirst = false;
            span[at++] = (byte)'"';
            name.CopyTo(span[at..]);
            at += name.Length;
            span[at++] = (byte)'"';
            span[at++] = (byte)':';
            output.Advance(at);
            Write(property.Value, output);
        }

        Byte(output, (byte)'}');
    }

    private static void WriteSorted(JsonElement element, IBufferWriter<byte> output, Func<JsonProperty, bool>? skip)
    {
        var properties = ArrayPool<JsonProperty>.Shared.Rent(Math.Max(1, element.GetPropertyCount()));
        var names = ArrayPool<string>.Shared.Rent(properties.Length);
        var count = 0;
        foreach (var property in element.EnumerateObject())
        {
            if (skip is not null && skip(property)) continue;
            names[count] = property.Name;
            properties[count++] = property;
        }

        Array.Sort(names, properties, 0, count, StringComparer.Ordinal);
        Byte(output, (byte)'{');
        for (var i = 0; i < count; i++)
        {
            if (i > 0) Byte(output, (byte)',');
            Text(output, names[i]);
            Byte(output, (byte)':');
            Write(properties[i].Value, output);
        }

        Byte(output, (byte)'}');
        ArrayPool<string>.Shared.Return(names, clearArray: true);
        ArrayPool<JsonProperty>.Shared.Return(properties, clearArray: true);
    }
}
