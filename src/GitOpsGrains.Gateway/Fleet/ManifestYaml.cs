using System.Text;
using System.Text.Json.Nodes;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>Manifests as a stream of YAML documents, each with a comment on where it stands. Pure.</summary>
internal static class ManifestYaml
{
    public static string Head(string application, ManifestsView first)
    {
        var head = new StringBuilder();
        Comment(head, $"application {application} on cluster {first.Cluster}, {first.Revision}");
        if (first.Note is { } note) Comment(head, note);
        return head.ToString();
    }

    public static string Of(IEnumerable<ManifestView> items)
    {
        var text = new StringBuilder();
        foreach (var item in items)
        {
            text.Append("---\n");
            Comment(text, $"{item.File}#{item.Document}, {item.Phase}{(item.Wave == 0 ? "" : $", wave {item.Wave}")}");
            if (item.Omitted is { } why) Comment(text, $"{item.Object} is not shown: {why}");
            if (item.Manifest is { } manifest) text.Append(DocumentYaml.Write(JsonObject.Create(manifest)));
        }
        return text.ToString();
    }

    /// <summary>On one line, whatever stands in it.</summary>
    private static void Comment(StringBuilder text, string line)
    {
        text.Append("# ");
        foreach (var letter in line) text.Append(char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter);
        text.Append('\n');
    }
}
