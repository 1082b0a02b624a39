namespace GitOpsGrains.Demo.Playing;

/// <summary>Commands as they have to be typed in the folder where the server was started.</summary>
internal sealed class CommandText
{
    private const string DefaultServer = "http://127.0.0.1:8080";
    private const string Cli = "GitOpsGrains.Cli";

    private readonly string _folder;
    private readonly string _program;
    private readonly string _options = "";

    /// <param name="server">Where people of this machine reach it.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="home">Where the program lies.</param>
    /// <param name="variable">Of the environment.</param>
    public CommandText(Uri server, string tokenFile, string folder, string home, Func<string, string?> variable)
    {
        _folder = folder;
        _program = FindProject(folder, home) is { } project ? $"dotnet run --project {PathOf(project)} --" : "gitopsctl";
        var address = server.GetLeftPart(UriPartial.Authority);
        // Whatever gitopsctl would take before its defaults leads elsewhere.
        var isElsewhere = HasLogin(variable) || !string.IsNullOrEmpty(variable("GITOPSGRAINS_SERVER")) || !string.IsNullOrEmpty(variable("GITOPSGRAINS_TOKEN"));
        if (isElsewhere || address != DefaultServer) _options += $" --server {address}";
        if (isElsewhere || tokenFile != Path.Combine(folder, "data", "admin-token")) _options += $" --token-file {PathOf(tokenFile)}";
    }

    public string Ctl(string arguments) => $"{_program} {arguments}{_options}";

    /// <summary>As short as it can be said here; quoted where the shell would take it apart.</summary>
    public string PathOf(string path)
    {
        var relative = Path.GetRelativePath(_folder, path);
        var text = relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
        return text.All(static letter => char.IsLetterOrDigit(letter) || "/\\:._-+@".Contains(letter, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>The project of gitopsctl, where this is a working tree; null where it is installed.</summary>
    private static string? FindProject(string folder, string home)
    {
        foreach (var start in new[] { folder, home })
            for (var at = new DirectoryInfo(start); at is not null; at = at.Parent)
            {
                var project = Path.Combine(at.FullName, "src", Cli);
                if (File.Exists(Path.Combine(project, Cli + ".csproj"))) return project;
            }

        return null;
    }

    /// <summary>As <c>gitopsctl login</c> remembers it.</summary>
    private static bool HasLogin(Func<string, string?> variable)
    {
        var configured = variable("XDG_CONFIG_HOME");
        var root = string.IsNullOrEmpty(configured) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config") : configured;
        return File.Exists(Path.Combine(root, "gitopsgrains", "config.json"));
    }
}
