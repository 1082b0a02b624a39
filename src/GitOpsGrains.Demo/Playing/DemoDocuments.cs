using System.Text;
using GitOpsGrains.Demo.Fleet;

namespace GitOpsGrains.Demo.Playing;

/// <summary>The documents of the demo, as a user would apply them.</summary>
internal static class DemoDocuments
{
    public static string Of(DemoFolder folder)
    {
        var text = new StringBuilder("# The documents of the demo. It applies them when it starts and they are not what it applied last.\n");
        foreach (var cluster in DemoCluster.All)
        {
            var labels = string.Join(", ", cluster.Labels.Select(static label => $"{label.Key}: \"{label.Value}\""));
            text.Append($$"""
                apiVersion: gitopsgrains.io/v1
                kind: Cluster
                metadata: { name: {{cluster.Name}}, labels: { {{labels}} } }
                spec: { kubeconfig: { file: {{Quoted(folder.KubeconfigOf(cluster.Name))}} } }
                ---

                """);
        }

        return text.Append(Applications().Replace("REPOSITORY", Quoted(UrlOf(folder.Repository)), StringComparison.Ordinal)).ToString();
    }

    private static string Applications()
    {
        using var reader = new StreamReader(typeof(DemoDocuments).Assembly.GetManifestResourceStream("applications.yaml")!);
        return reader.ReadToEnd();
    }

    /// <summary>As repositories are written here: the path as it is, without escapes.</summary>
    private static string UrlOf(string path) => "file://" + (path[0] == '/' ? path : "/" + path.Replace('\\', '/'));

    /// <summary>Any text as a single-quoted scalar.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
