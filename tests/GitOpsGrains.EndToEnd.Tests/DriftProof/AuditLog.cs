using System.Text.Json;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>One request of the product, as the API server's audit log tells it.</summary>
public sealed record AuditedRequest(string Verb, string Resource, string Subresource, string Namespace, string Name, bool IsDryRun, int Code)
{
    public bool IsWrite => !IsDryRun && Verb is "create" or "update" or "patch" or "delete";

    public override string ToString() => $"{Verb}{(IsDryRun ? " (dry run)" : "")} {Resource} {Namespace}/{Name} {Code}";
}

/// <summary>The API server's own record of what one user asked of it: exact, and free of what anybody else asks.</summary>
public sealed class AuditLog
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gog-audit-").FullName;

    public AuditLog(string user)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_folder, recursive: true);
        File.WriteAllText(PolicyFile, $$"""
            {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived","ResponseStarted"],
             "rules":[{"level":"Metadata","users":["{{user}}"]},{"level":"None"}]}
            """);
    }

    public IReadOnlyList<string> Flags => [$"--audit-policy-file={PolicyFile}", $"--audit-log-path={LogFile}"];

    private string PolicyFile => Path.Combine(_folder, "policy.yaml");
    private string LogFile => Path.Combine(_folder, "audit.log");

    /// <summary>All requests of objects so far; the whole lines only.</summary>
    public IReadOnlyList<AuditedRequest> Read()
    {
        if (!File.Exists(LogFile)) return [];
        using var file = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<AuditedRequest>()];
    }

    private static AuditedRequest? Parse(string line)
    {
        var entry = JsonElement.Parse(line);
        if (!entry.TryGetProperty("objectRef", out var about)) return null;
        return new AuditedRequest(
            entry.GetProperty("verb").GetString()!, Text(about, "resource"), Text(about, "subresource"), Text(about, "namespace"), Text(about, "name"),
            entry.GetProperty("requestURI").GetString()!.Contains("dryRun=All", StringComparison.Ordinal),
            entry.TryGetProperty("responseStatus", out var status) && status.TryGetProperty("code", out var code) ? code.GetInt32() : 0);
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
