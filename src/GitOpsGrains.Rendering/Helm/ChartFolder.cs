using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Rendering.Running;

namespace GitOpsGrains.Rendering.Helm;

/// <summary>
/// A chart of our own that has nothing but dependencies of one repository, with what helm needs to reach that one. All of its files
/// are for this user only, and go when they were used: secrets are in them, and in no argument.
/// </summary>
internal sealed class ChartFolder : IDisposable
{
    private const string DockerHub = "https://index.docker.io/v1/";

    private readonly Workspace _workspace;
    private readonly ChartAccess _access;
    private readonly string _folder;

    private ChartFolder(Workspace workspace, ChartAccess access, int number)
    {
        (_workspace, _access) = (workspace, access);
        _folder = System.IO.Directory.CreateDirectory(Path.Combine(workspace.Beside, $"charts{number}")).FullName;
    }

    /// <summary>Where helm puts what it fetched.</summary>
    public string Fetched => Path.Combine(_folder, "charts");

    /// <param name="dependencies">Of the repository that <paramref name="access"/> is for, each with its exact version.</param>
    public static async Task<ChartFolder> WriteAsync(
        Workspace workspace, ChartAccess access, IReadOnlyList<ChartDependency> dependencies, int number, CancellationToken cancellationToken)
    {
        var folder = new ChartFolder(workspace, access, number);
        var chart = new
        {
            apiVersion = "v2", name = "fetch", version = "0.0.0",
            dependencies = dependencies.Select(item => new { name = item.Name, version = item.Version, repository = item.Repository }),
        };
        await folder.WriteAsync(ChartFile.Name, JsonSerializer.Serialize(chart, DocumentJson.Rest), cancellationToken);
        if (access.Ca is { } ca) await folder.WriteAsync(folder.CaFile, ca, cancellationToken);
        if (access.ClientCertificate is { } client) await folder.WriteAsync(folder.ClientFile, client, cancellationToken);
        await folder.WriteAsync(folder.RepositoriesFile, folder.Repositories(), cancellationToken);
        await folder.WriteAsync(folder.RegistryFile, folder.Registry(), cancellationToken);
        return folder;
    }

    public IReadOnlyList<string> Arguments()
    {
        List<string> arguments = ["dependency", "build", _folder, "--repository-config", RepositoriesFile, "--registry-config", RegistryFile];
        if (!_access.Url.IsRegistry) return arguments;
        // A repository over http has these in its entry.
        if (_access.Ca is not null) arguments.AddRange(["--ca-file", CaFile]);
        if (_access.ClientCertificate is not null) arguments.AddRange(["--cert-file", ClientFile, "--key-file", ClientFile]);
        if (_access.IsPlainHttp) arguments.Add("--plain-http");
        return arguments;
    }

    /// <summary>Go reads proxies from nowhere but the environment.</summary>
    public Dictionary<string, string> Environment()
    {
        var environment = _workspace.Environment(true);
        if (_access.Proxy is not { } proxy) return environment;
        var url = new UriBuilder(proxy.Url);
        if (_access.ProxyPassword is { } password) (url.UserName, url.Password) = (Uri.EscapeDataString(proxy.Username ?? ""), Uri.EscapeDataString(password));
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy" }) environment[name] = url.Uri.AbsoluteUri;
        foreach (var name in new[] { "NO_PROXY", "no_proxy" }) environment[name] = string.Join(',', proxy.NoProxy);
        return environment;
    }

    public void Dispose() => System.IO.Directory.Delete(_folder, true);

    private string CaFile => Path.Combine(_folder, "ca.pem");

    private string ClientFile => Path.Combine(_folder, "client.pem");

    private string RepositoriesFile => Path.Combine(_folder, "repositories.yaml");

    private string RegistryFile => Path.Combine(_folder, "registry.json");

    /// <summary>Helm fetches only from repositories that it knows, and keeps indexes by these names; the password goes to the host of the URL and no other.</summary>
    private string Repositories()
    {
        var entry = new Dictionary<string, string> { ["name"] = Path.GetFileName(_folder), ["url"] = _access.Text };
        if (_access.Password is { } password) (entry["username"], entry["password"]) = (_access.Username!, password);
        if (_access.Ca is not null) entry["caFile"] = CaFile;
        if (_access.ClientCertificate is not null) entry["certFile"] = entry["keyFile"] = ClientFile;
        Dictionary<string, string>[] entries = _access.Url.IsRegistry ? [] : [entry];
        return JsonSerializer.Serialize(new { apiVersion = "", generated = "0001-01-01T00:00:00Z", repositories = entries }, DocumentJson.Rest);
    }

    private string Registry()
    {
        var auths = new Dictionary<string, object>(StringComparer.Ordinal);
        if (_access is { Url.IsRegistry: true, Password: { } password })
        {
            var login = new { auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_access.Username}:{password}")) };
            auths[_access.Url.Host is "docker.io" or "registry-1.docker.io" ? DockerHub : _access.Authority] = login;
        }
        return JsonSerializer.Serialize(new { auths });
    }

    private async Task WriteAsync(string name, string text, CancellationToken cancellationToken)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(Path.Combine(_folder, name), how);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}
