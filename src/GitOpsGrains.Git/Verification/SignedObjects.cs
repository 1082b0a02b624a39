using System.Text;

namespace GitOpsGrains.Git.Verification;

/// <param name="Commit">The commit itself, or the one that the tag points to directly; "" when that is something else.</param>
/// <param name="TagName">The name that stands in the tag; "" for a commit.</param>
/// <param name="Payload">What is signed.</param>
/// <param name="Signature">As it stands in the object; "" when there is none.</param>
internal sealed record SignedObject(string Id, string Commit, string TagName, ReadOnlyMemory<byte> Payload, string Signature);

/// <summary>Takes commits and tags apart into what is signed and the signature, as git does. Pure.</summary>
internal static class SignedObjects
{
    private static readonly string[] Heads =
        ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----"];

    public static SignedObject Parse(string id, RawObject raw) => raw.Type == "tag" ? ParseTag(id, raw.Bytes) : ParseCommit(id, raw.Bytes);

    /// <summary>The signature is the header gpgsig, its lines indented by one space; all else is signed.</summary>
    private static SignedObject ParseCommit(string id, ReadOnlyMemory<byte> bytes)
    {
        var payload = new MemoryStream(bytes.Length);
        var signature = new StringBuilder();
        var (inSignature, inOther, signatures) = (false, false, 0);
        var rest = bytes.Span;
        while (!rest.IsEmpty && rest[0] != (byte)'\n')
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..(end + 1)];
            rest = rest[line.Length..];
            if (line[0] != (byte)' ') (inSignature, inOther) = (line.StartsWith("gpgsig "u8), line.StartsWith("gpgsig"u8));
            if (line.StartsWith("gpgsig "u8)) signatures++;
            if (inSignature) signature.Append(Encoding.Latin1.GetString(line[0] == (byte)' ' ? line[1..] : line["gpgsig ".Length..]));
            else if (!inOther) payload.Write(line);
        }
        payload.Write(rest);
        // Two are not what git makes: which of them holds must not be a question.
        return new SignedObject(id, id, "", payload.ToArray(), signatures == 1 ? signature.ToString() : "");
    }

    /// <summary>The signature is the end of the message, from the last line that begins one.</summary>
    private static SignedObject ParseTag(string id, ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes.Span);
        var at = -1;
        for (var line = 0; line >= 0 && line < text.Length; line = text.IndexOf('\n', line) is var end and >= 0 ? end + 1 : -1)
            if (Array.Exists(Heads, head => string.CompareOrdinal(text, line, head, 0, head.Length) == 0)) at = line;
        var headers = text.Split("\n\n", 2)[0].Split('\n');
        var isOfCommit = headers.Contains("type commit");
        return new SignedObject(
            id, isOfCommit ? Header(headers, "object ") : "", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Header(headers, "tag "))),
            at < 0 ? bytes : bytes[..at], at < 0 ? "" : text[at..]);
    }

    private static string Header(string[] headers, string name) =>
        headers.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? line[name.Length..] : "";
}
