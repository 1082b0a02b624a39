namespace GitOpsGrains.Testing.Kubernetes;

public sealed partial class ApiServer
{
    /// <summary>Writes a kubeconfig with one context "test" for a user (by token) and returns its path.</summary>
    public string WriteKubeconfig(string path, string user = Admin) => 
        WriteKubeconfig(path, $"token: {_users[user].Token}", $"certificate-authority: {CaFile}");

    /// <summary>Writes a kubeconfig whose user entry and further cluster fields are given as lines of YAML ("key: value").</summary>
    public string WriteKubeconfig(string path, string userYaml, string clusterYaml, Uri? url = null)
    {
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
            - name: test
              context: {"{cluster: test, user: test}"}
            clusters:
            - name: test
              cluster:
                server: {(url ?? Url).OriginalString.TrimEnd('/')}
            {Indent(clusterYaml)}
            users:
            - name: test
              user:
            {Indent(userYaml)}

            """);
        return path;
    }

    private static string Indent(string yaml) => string.Join('\n', yaml.Split('\n').Select(line => "    " + line));
}
