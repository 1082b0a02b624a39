using System.Text;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Documents.Validation;

namespace GitOpsGrains.Documents.Tests;

/// <summary>Short ways to read streams in tests.</summary>
internal static class Streams
{
    public static DocumentParseResult Parse(string text, DocumentLimits? limits = null) =>
        DocumentStream.Parse(Encoding.UTF8.GetBytes(text), limits ?? DocumentLimits.Default);

    public static string[] Faults(string text, AdminPolicy? policy = null) =>
        [.. DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(text), DocumentLimits.Default, policy ?? AdminPolicy.Local).Faults.Select(static fault => fault.ToString())];

    public static T One<T>(string text)
        where T : Document
    {
        var result = DocumentStream.ParseAndValidate(Encoding.UTF8.GetBytes(text), DocumentLimits.Default, AdminPolicy.Local);
        Assert.Empty(result.Faults);
        return Assert.IsType<T>(Assert.Single(result.Documents));
    }

    public static string Application(string spec) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: web}
        spec: {{spec}}
        """;

    /// <summary>A good application with one more line in its spec.</summary>
    public static string With(string line) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: web}
        spec:
          source: {repository: fleet}
          destination: {clusters: [eu-1]}
          {{line}}
        """;

    public static string Repository(string spec) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Repository
        metadata: {name: fleet}
        spec: {{spec}}
        """;

    public static string Cluster(string spec) => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Cluster
        metadata: {name: eu-1}
        spec: {{spec}}
        """;
}
