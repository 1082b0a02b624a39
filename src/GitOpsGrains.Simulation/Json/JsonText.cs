using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GitOpsGrains.Simulation.Json;

/// <summary>Texts as JSON.</summary>
internal static class JsonText
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create(" !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    public static void Write(IBufferWriter<byte> output, string text)
    {
        if (text.AsSpan().ContainsAnyExcept(Plain))
        {
            var escaped = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
            var room = output.GetSpan(escaped.Length + 2);
            room[0] = (byte)'"';
            escaped.CopyTo(room[1..]);
            room[escaped.Length + 1] = (byte)'"';
            output.Advance(escaped.Length + 2);
            return;
        }

        var span = output.GetSpan(text.Length + 2);
        span[0] = (byte)'"';
        Encoding.ASCII.GetBytes(text, span[1..]);
        span[text.Length + 1] = (byte)'"';
        output.Advance(text.Length + 2);
    }

    public static void Write(IBufferWriter<byte> output, byte character)
    {
        output.GetSpan(1)[0] = character;
        output.Advance(1);
    }
}
