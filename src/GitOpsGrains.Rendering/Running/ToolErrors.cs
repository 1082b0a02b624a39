using System.Text;
using System.Text.RegularExpressions;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Rendering.Running;

/// <summary>Makes a fault of what a failed tool printed: without this machine's paths, cut, on one line. Pure.</summary>
internal static partial class ToolErrors
{
    private const int MaxLength = 2000;

    /// <param name="file">Where the message names no file.</param>
    public static ManifestFault Fault(Workspace workspace, string tool, ToolResult result, string file)
    {
        var message = Message(workspace, tool, result);
        return new ManifestFault(FileIn(message) ?? file, null, null, message);
    }

    public static string Message(Workspace workspace, string tool, ToolResult result)
    {
        if (IsOutOfMemory(result.Errors)) return $"{tool} was stopped: it needed more memory than it may have";
        var message = Clean(workspace, result.Errors);
        return message.Length > 0 ? message : $"{tool} failed with exit code {result.ExitCode} and said nothing";
    }

    /// <summary>What Go's runtime prints when the limit on its memory is met.</summary>
    private static bool IsOutOfMemory(string errors) =>
        errors.Contains("out of memory", StringComparison.Ordinal) && errors.Contains("goroutine", StringComparison.Ordinal);

    private static string Clean(Workspace workspace, string errors)
    {
        var lines = errors.Split('\n').Where(line => !Noise().IsMatch(line));
        var text = string.Join(' ', lines.Select(line => line.Trim()).Where(line => line.Length > 0))
            .Replace(workspace.Tree + "/", "", StringComparison.Ordinal)
            .Replace(workspace.Tree, ".", StringComparison.Ordinal)
            .Replace(workspace.Beside + "/", "", StringComparison.Ordinal)
            .Replace(Path.Combine(workspace.Folder, "refs") + "/", "$", StringComparison.Ordinal)
            .Replace(workspace.Folder, "", StringComparison.Ordinal);
        var clean = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var letter in LeadingWord().Replace(text, ""))
        {
            if (clean.Length == MaxLength) return clean.Append('…').ToString();
            clean.Append(char.IsControl(letter) ? ' ' : letter);
        }
        return clean.ToString();
    }

    private static string? FileIn(string message) =>
        TemplateFile().Match(message) is { Success: true } match ? match.Groups["file"].Value : null;

    [GeneratedRegex(@"^(level=(WARN|INFO)|time=|WARNING:|walk\.go|# Warning|Use --debug)|^Error: $", RegexOptions.CultureInvariant)]
    private static partial Regex Noise();

    [GeneratedRegex(@"^(Error|error): ", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingWord();

    /// <summary>Helm names a template as chart/templates/file, with line and column behind it.</summary>
    [GeneratedRegex(@"(?<![\w./-])[\w.-]+/(?<file>(charts/[\w.-]+/)*(templates|crds)/[\w./-]*[\w-])", RegexOptions.CultureInvariant)]
    private static partial Regex TemplateFile();
}
