using System.Diagnostics.CodeAnalysis;

namespace GitOpsGrains.Silo.Configuration;

/// <summary>The file with the administrator's tokens, one in a line: several while one takes another's place.</summary>
internal static class TokenFile
{
    /// <summary>In the data directory, where no other is given.</summary>
    public const string Name = "admin-token";

    private const int MinLength = 20;

    /// <summary>There is none in it: the first one is to be made.</summary>
    public static bool IsAbsent(string path)
    {
        try
        {
            return !File.Exists(path) || string.IsNullOrWhiteSpace(File.ReadAllText(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>All of its tokens; where one can't be used, none. The fault shows nothing of them.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out string[]? tokens, [NotNullWhen(false)] out string? fault)
    {
        (tokens, fault) = (null, null);
        string[] lines;
        try
        {
            lines = File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            fault = $"'{path}' can't be read";
            return false;
        }
        if (lines.Length == 0) fault = $"there is no token in '{path}'";
        else if (lines.Any(static line => line.Length < MinLength)) fault = $"a token in '{path}' has less than {MinLength} characters";
        else if (lines.Any(static line => line.Any(char.IsWhiteSpace))) fault = $"a token in '{path}' has a space in it; there is one token in a line";
        else tokens = [.. lines.Distinct(StringComparer.Ordinal)];
        return tokens is not null;
    }
}
