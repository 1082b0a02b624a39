using System.Text.Json;

namespace GitOpsGrains.Cli.Connection;

/// <summary>The last login, kept in <c>~/.config/gitopsgrains/config.json</c> (mode 0600).</summary>
internal sealed record LoginFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string Server { get; init; } = "";

    public string Token { get; init; } = "";

    public static string PathIn(CliEnvironment environment)
    {
        var configured = environment.Variable("XDG_CONFIG_HOME");
        var root = string.IsNullOrEmpty(configured) ? Path.Combine(environment.HomeDirectory, ".config") : configured;
        return Path.Combine(root, "gitopsgrains", "config.json");
    }

    /// <summary>Null when there was no login.</summary>
    public static LoginFile? Read(CliEnvironment environment)
    {
        var path = PathIn(environment);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize<LoginFile>(File.ReadAllBytes(path), Json);
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the login in {path} can't be read", hint: "gitopsctl login URL --token-file FILE", inner: broken);
        }
    }

    public void Write(CliEnvironment environment)
    {
        var path = PathIn(environment);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = path + "." + Path.GetRandomFileName();
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, options)) JsonSerializer.Serialize(stream, this, Json);
        File.Move(draft, path, overwrite: true);
    }
}
