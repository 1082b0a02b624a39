using System.Globalization;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Validation;

/// <summary>The checks that fields of all kinds share. Values are never repeated in a fault; they may be secret.</summary>
internal sealed class Rules(FaultList faults, AdminPolicy policy)
{
    public const string NameShape = "lower-case letters, digits, '-' and '.', at most 63 characters, beginning and ending with a letter or digit, no '..'";

    public AdminPolicy Policy { get; } = policy;

    public void Fault(string path, string message) => faults.Add(path, message);

    /// <summary>A field that is known but that this version can't honour.</summary>
    public void NotYet(string path, string what = "this field") => Fault(path, $"{what} is not supported yet");

    public bool Required(string path, string value)
    {
        if (value.Length > 0) return true;
        Fault(path, "required");
        return false;
    }

    public void Key(string path, string value)
    {
        if (Required(path, value) && !NameRules.IsKey(value)) Fault(path, $"not a name: {NameShape}");
    }

    public void Keys(string path, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++) Key($"{path}[{i}]", values[i]);
        Distinct(path, values);
    }

    public void Distinct(string path, IReadOnlyList<string> values)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < values.Count; i++)
            if (!seen.Add(values[i])) Fault($"{path}[{i}]", "given twice");
    }

    public void Namespace(string path, string value)
    {
        if (!NameRules.IsNamespace(value)) Fault(path, "not a namespace: lower-case letters, digits and '-', at most 63 characters");
    }

    public void OneOf(string path, string value, IReadOnlyList<string> words)
    {
        if (!words.Contains(value)) Fault(path, $"expected one of {string.Join(", ", words)}{NearestName.Hint(value, words)}");
    }

    public void Between(string path, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most) Fault(path, $"must be from {Durations.Format(least)} to {Durations.Format(most)}");
    }

    public void Between(string path, double value, double least, double most)
    {
        if (!(value >= least && value <= most)) Fault(path, string.Create(CultureInfo.InvariantCulture, $"must be from {least} to {most}"));
    }

    public void PlainText(string path, string value, int longest)
    {
        if (value.Length > longest) Fault(path, $"longer than {longest} characters");
        if (value.Any(char.IsControl)) Fault(path, "holds a control character");
    }

    public void Patterns(string path, IReadOnlyList<string> patterns)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            var item = $"{path}[{i}]";
            if (!Required(item, patterns[i])) continue;
            PlainText(item, patterns[i], 253);
            if (patterns[i].StartsWith('!')) Fault(item, "patterns can't be negated");
        }
    }

    /// <summary>A path on the server's machine: an admin field. Links in it are the reader's to check.</summary>
    public void File(string path, string value)
    {
        if (!Required(path, value)) return;
        if (!Policy.IsAdmin) Fault(path, "files of the server need the admin role");
        PlainText(path, value, 4096);
        if (!IsNormal(value)) Fault(path, "must be an absolute path without '.' and '..' parts");
        else if (!Policy.AnyDirectory && !Policy.Directories.Any(directory => IsBelow(directory, value)))
            Fault(path, "must lie below one of the directories in Secrets:Directories");
    }

    private static bool IsNormal(string path) =>
        path.StartsWith('/') && path.Length > 1 && path[1..].TrimEnd('/').Split('/').All(static part => part is not ("" or "." or ".."));

    private static bool IsBelow(string directory, string path)
    {
        var root = directory.TrimEnd('/') + "/";
        return root.StartsWith('/') && path.Length > root.Length && path.StartsWith(root, StringComparison.Ordinal);
    }
}
