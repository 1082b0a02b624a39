using System.Text;

namespace GitOpsGrains.Rendering.Running;

/// <summary>
/// A private temporary folder (mode 0700) for one render: the files of the closure in "tree", and beside it the empty home
/// and caches of the tool. Deleted when the render ends, however it ends.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private const string SystemPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>What a tool with network may know of this machine: how to get out, and whom to trust.</summary>
    private static readonly string[] NetworkVariables =
        ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    private const string Prefix = "gog-render-";
    private const string LockName = "lock";

    /// <summary>Once in a process: what others have left that were killed.</summary>
    private static readonly Lazy<bool> Swept = new(Sweep);

    private readonly DirectoryInfo _folder;
    private readonly FileStream _lock;

    /// <summary>Errors: <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/> when the disk is full or may not be written.</summary>
    public Workspace()
    {
        _ = Swept.Value;
        _folder = System.IO.Directory.CreateTempSubdirectory(Prefix);
        _lock = Lock(Path.Combine(_folder.FullName, LockName), FileMode.CreateNew);
        Tree = MakeFolder("tree");
        Beside = MakeFolder("beside");
        Home = MakeFolder("home");
        MakeFolder("tmp");
    }

    public string Folder => _folder.FullName;

    /// <summary>The root of the repository, as far as it was exported.</summary>
    public string Tree { get; }

    /// <summary>For files that are not the repository's: values, overlays.</summary>
    public string Beside { get; }

    public string Home { get; }

    /// <summary>What to say when it can't be used, without its path.</summary>
    public static string Unusable(Exception failure) =>
        $"the temporary folder can't be used (is the disk full?): {failure.GetType().Name} {failure.HResult:x8}";

    /// <summary>All of a tool's environment.</summary>
    public Dictionary<string, string> Environment(bool network)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = SystemPath,
            ["HOME"] = Home,
            ["TMPDIR"] = Path.Combine(Folder, "tmp"),
            ["XDG_CACHE_HOME"] = Path.Combine(Home, "cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(Home, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(Home, "data"),
            ["HELM_CACHE_HOME"] = Path.Combine(Home, "helm-cache"),
            ["HELM_CONFIG_HOME"] = Path.Combine(Home, "helm-config"),
            ["HELM_DATA_HOME"] = Path.Combine(Home, "helm-data"),
            ["HELM_PLUGINS"] = Path.Combine(Home, "helm-plugins"),
            ["KUBECONFIG"] = "/dev/null",
            ["LANG"] = "C.UTF-8",
            ["TZ"] = "UTC",
            // Of the git that fetches remote bases: no other transports, nobody to ask, no settings of this machine.
            ["GIT_ALLOW_PROTOCOL"] = "https:http",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
        };
        if (!network) return environment;
        foreach (var name in NetworkVariables)
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) environment[name] = value;
        return environment;
    }

    /// <summary>Writes a file that is not the repository's and gives its path.</summary>
    public async Task<string> WriteBesideAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Beside, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, cancellationToken);
        return path;
    }

    public Task<string> WriteBesideAsync(string name, string text, CancellationToken cancellationToken) =>
        WriteBesideAsync(name, Encoding.UTF8.GetBytes(text), cancellationToken);

    public void Dispose()
    {
        _lock.Dispose();
        _folder.Delete(true);
    }

    /// <summary>Deletes the folders of processes that have ended: their locks ended with them.</summary>
    internal static bool Sweep()
    {
        foreach (var folder in System.IO.Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                using (Lock(Path.Combine(folder, LockName), FileMode.Open)) System.IO.Directory.Delete(folder, true);
            }
            catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
            {
                // Somebody works there, or it is not ours: either is a reason to leave it.
            }
        }
        return true;
    }

    private static FileStream Lock(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None);

    private string MakeFolder(string name) => _folder.CreateSubdirectory(name).FullName;
}
