using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GitOpsGrains.Kubernetes.Connections.Kubeconfigs;

/// <summary>
/// Reads one context of a kubeconfig file. Every field of its cluster and user is honoured or refused by name: an ignored
/// one would be another access than the one meant. Errors: <see cref="KubeconfigException"/>.
/// </summary>
internal sealed class KubeconfigReader(UserReader users)
{
    private const int MaxBytes = 1024 * 1024;

    public async Task<ClusterEndpoint> ReadAsync(string file, string? context, CancellationToken cancellationToken) =>
        Read(file, await LoadAsync(file, cancellationToken), Path.GetDirectoryName(Path.GetFullPath(file))!, context);

    /// <summary>Reads a kubeconfig's text.</summary>
    /// <param name="place">Where it is from, for messages.</param>
    /// <param name="folder">That of relative paths in it; null when it is no file and must hold everything itself.</param>
    public ClusterEndpoint Read(string place, string text, string? folder, string? context)
    {
        var root = new KubeconfigEntry(Parse(place, text), place);
        var name = context ?? root.Text("current-context") ?? throw new KubeconfigException($"{place} has no current context, and none is given");
        var chosen = Named(root, "contexts", "context", name);
        var cluster = Named(root, "clusters", "cluster", chosen.Required("cluster"));
        var server = ReadServer(cluster);
        var user = chosen.Text("user") is { } userName ? Named(root, "users", "user", userName) : null;
        return ReadCluster(cluster, server, folder, user);
    }

    private ClusterEndpoint ReadCluster(KubeconfigEntry cluster, Uri server, string? folder, KubeconfigEntry? user)
    {
        var skips = cluster.Flag("insecure-skip-tls-verify");
        var proxy = cluster.Text("proxy-url");
        var authority = KubeconfigFiles.ReadText(cluster, "certificate-authority", folder);
        var serverName = cluster.Text("tls-server-name");
        cluster.Flag("disable-compression");
        cluster.RefuseUnknown();
        if (skips && authority is not null) throw new KubeconfigException($"{cluster.Place}: insecure-skip-tls-verify and a certificate authority exclude each other");
        var about = new ExecClusterInfo(server.OriginalString, serverName, skips, authority);
        List<string> warnings = [];
        if (skips) warnings.Add("the kubeconfig says insecure-skip-tls-verify: anybody on the way can read and change everything");
        if (server.Scheme == Uri.UriSchemeHttp) warnings.Add("the server's address is http: anybody on the way can read and change everything");
        return new ClusterEndpoint(server, users.ReadCredentials(user, folder, about))
        {
            Authorities = authority is null ? null : ReadAuthorities(authority, cluster.Place),
            SkipsVerification = skips,
            TlsServerName = serverName,
            Proxy = proxy is null ? null : ReadProxy(proxy, cluster.Place),
            Impersonation = UserReader.ReadImpersonation(user),
            Warnings = warnings,
        };
    }

    private static Uri ReadServer(KubeconfigEntry cluster)
    {
        var text = cluster.Required("server");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var server)
            || (server.Scheme != Uri.UriSchemeHttps && server.Scheme != Uri.UriSchemeHttp)
            || server.UserInfo.Length > 0 || server.Query.Length > 0)
            throw new KubeconfigException($"{cluster.Place}: the server's address must be https://host[:port][/path]");
        return server;
    }

    private static Uri ReadProxy(string text, string place)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5") return proxy;
        throw new KubeconfigException($"{place}: 'proxy-url' must be an http, https or socks5 address");
    }

    private static X509Certificate2Collection ReadAuthorities(string pem, string place)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new KubeconfigException($"{place}: the certificate authority is no PEM certificate", exception);
        }

        return authorities.Count > 0 ? authorities : throw new KubeconfigException($"{place}: the certificate authority holds no certificate");
    }

    private static KubeconfigEntry Named(KubeconfigEntry root, string list, string part, string name)
    {
        var found = root.Entries(list).FirstOrDefault(entry => entry.Text("name") == name)
            ?? throw new KubeconfigException($"{root.Place} has no {part} '{name}'");
        return found.Entry(part) ?? throw new KubeconfigException($"{root.Place}: the {part} '{name}' is empty");
    }

    private static async Task<string> LoadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(file).Length > MaxBytes) throw new KubeconfigException($"{file} is larger than {MaxBytes} bytes");
            return await File.ReadAllTextAsync(file, Encoding.UTF8, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"the kubeconfig can't be read: {exception.Message}", exception);
        }
    }

    private static YamlMappingNode Parse(string place, string text)
    {
        try
        {
            using var reader = new StringReader(text);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents.Count > 0 && yaml.Documents[0].RootNode is YamlMappingNode root
                ? root
                : throw new KubeconfigException($"{place} is no kubeconfig");
        }
        catch (YamlException exception)
        {
            // The parser's message may quote the file, and so a token.
            throw new KubeconfigException($"{place} is no YAML (line {exception.Start.Line})", exception);
        }
    }
}
