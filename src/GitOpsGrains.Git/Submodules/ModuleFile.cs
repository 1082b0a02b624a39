namespace GitOpsGrains.Git.Submodules;

/// <summary>
/// The submodules that a .gitmodules file names: path to URL, as far as both are there. Nothing else in it is looked at, so that
/// it can't include files, run commands or choose options. Pure.
/// </summary>
internal static class ModuleFile
{
    public const string Name = ".gitmodules";
    public const int MaxBytes = 256 * 1024;
    public const int MaxModules = 512;

    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var urls = new Dictionary<string, string>(StringComparer.Ordinal);
        string? path = null, url = null;
        var isModule = false;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (line[0] == '[')
            {
                Keep();
                isModule = line.StartsWith("[submodule \"", StringComparison.OrdinalIgnoreCase) && line.EndsWith("\"]", StringComparison.Ordinal);
                continue;
            }
            if (!isModule || line.Split('=', 2) is not [var key, var value]) continue;
            // As in git, the last one counts.
            if (key.Trim().Equals("path", StringComparison.OrdinalIgnoreCase)) path = ValueOf(value);
            else if (key.Trim().Equals("url", StringComparison.OrdinalIgnoreCase)) url = ValueOf(value);
        }
        Keep();
        return urls;

        void Keep()
        {
            if (path is not null && url is not null && urls.Count < MaxModules) urls[path.Trim('/')] = url;
            (path, url) = (null, null);
        }
    }

    /// <summary>Without quotes, escapes and the comment behind it.</summary>
    private static string ValueOf(string raw)
    {
        var value = new System.Text.StringBuilder();
        var (quoted, kept) = (false, 0);
        for (var at = 0; at < raw.Length; at++)
        {
            var letter = raw[at];
            if (letter == '"') quoted = !quoted;
            else if (!quoted && letter is '#' or ';') break;
            else if (letter == '\\' && at + 1 < raw.Length) value.Append(raw[++at]);
            else if (quoted || letter != ' ' && letter != '\t' || value.Length > 0) value.Append(letter);
            else continue;
            if (quoted || letter is not (' ' or '\t')) kept = value.Length;
        }
        return value.ToString(0, Math.Min(kept, value.Length));
    }
}
