using System.Text;
using System.Text.Json;
using GitOpsGrains.Kubernetes.Connections.Kubeconfigs;
using GitOpsGrains.Kubernetes.Hosting;

namespace GitOpsGrains.Kubernetes.Connections.Exec;

/// <summary>A program of the administrator's allow-list that prints credentials, as a kubeconfig's "exec" entry declares it.</summary>
internal sealed record ExecPlugin(
    string ApiVersion, string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string Folder)
{
    private static readonly string[] ApiVersions =
        ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1"];

    // What programs need to be found and to find their own settings; nothing else of ours is inherited.
    private static readonly string[] Inherited = ["PATH", "HOME"];

    public static ExecPlugin Read(KubeconfigEntry entry, string folder, ExecClusterInfo cluster, KubernetesOptions options)
    {
        var command = entry.Required("command");
        var apiVersion = entry.Required("apiVersion");
        var arguments = entry.Texts("args");
        var declared = entry.Entries("env").Select(pair => (Name: pair.Required("name"), Value: pair.Text("value") ?? "")).ToList();
        var providesCluster = entry.Flag("provideClusterInfo");
        var interactive = entry.Text("interactiveMode");
        entry.Know("installHint");
        entry.RefuseUnknown();
        if (!ApiVersions.Contains(apiVersion)) throw new KubeconfigException($"{entry.Place}: the apiVersion '{apiVersion}' is not supported");
        if (interactive == "Always") throw new KubeconfigException($"{entry.Place}: 'interactiveMode: Always' needs a terminal, and there is none");
        var program = command.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(command, folder) : command;
        if (!options.AllowAnyExec && !options.AllowedExecCommands.Contains(command) && !options.AllowedExecCommands.Contains(program))
            throw new KubeconfigException($"{entry.Place}: the command '{command}' is not on the administrator's list of allowed exec commands");
        var environment = Inherited.Select(name => (Name: name, Value: System.Environment.GetEnvironmentVariable(name)))
            .Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value!);
        foreach (var (name, value) in declared) environment[name] = value;
        environment["KUBERNETES_EXEC_INFO"] = ExecInfo(apiVersion, providesCluster ? cluster : null);
        return new ExecPlugin(apiVersion, program, arguments, environment, folder);
    }

    private static string ExecInfo(string apiVersion, ExecClusterInfo? cluster)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", apiVersion);
            json.WriteString("kind", "ExecCredential");
            json.WriteStartObject("spec");
            json.WriteBoolean("interactive", false);
            if (cluster is not null) WriteCluster(json, cluster);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteCluster(Utf8JsonWriter json, ExecClusterInfo cluster)
    {
        json.WriteStartObject("cluster");
        json.WriteString("server", cluster.Server);
        if (cluster.TlsServerName is not null) json.WriteString("tls-server-name", cluster.TlsServerName);
        if (cluster.SkipsVerification) json.WriteBoolean("insecure-skip-tls-verify", true);
        if (cluster.AuthorityPem is not null) json.WriteBase64String("certificate-authority-data", Encoding.UTF8.GetBytes(cluster.AuthorityPem));
        json.WriteEndObject();
    }
}
