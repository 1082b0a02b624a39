using System.Text.RegularExpressions;
using GitOpsGrains.Simulation.Objects;

namespace GitOpsGrains.Simulation.Clusters;

/// <summary>A label selector: a=b, a!=b, a in (b,c), a notin (b,c), a, !a.</summary>
internal sealed partial class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private readonly (string Name, string Operator, string[] Values)[] _terms;

    private LabelSelector((string Name, string Operator, string[] Values)[] terms) => _terms = terms;

    /// <summary>Errors: 400.</summary>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        return new LabelSelector([.. Split().Split(text).Where(static part => part.Trim().Length > 0).Select(ParseTerm)]);
    }

    public bool Matches(StoredObject stored)
    {
        foreach (var (name, comparison, values) in _terms)
        {
            var value = Label(stored.Labels, name);
            var holds = comparison switch
            {
                "in" => value is not null && values.Contains(value),
                "notin" => value is null || !values.Contains(value),
                "exists" => value is not null,
                _ => value is null,
            };
            if (!holds) return false;
        }

        return true;
    }

    private static string? Label(string[] labels, string name)
    {
        for (var at = 0; at < labels.Length; at += 2)
            if (labels[at] == name) return labels[at + 1];
        return null;
    }

    private static (string, string, string[]) ParseTerm(string text)
    {
        var match = Term().Match(text.Trim());
        if (!match.Success) throw ApiException.BadRequest($"unable to parse requirement: '{text}'");
        var name = match.Groups["name"].Value;
        if (match.Groups["not"].Success) return (name, "absent", []);
        if (match.Groups["set"].Success) return (name, match.Groups["set"].Value, [.. match.Groups["values"].Value.Split(',').Select(static value => value.Trim())]);
        if (!match.Groups["operator"].Success) return (name, "exists", []);
        return (name, match.Groups["operator"].Value == "!=" ? "notin" : "in", [match.Groups["value"].Value]);
    }

    [GeneratedRegex(@",(?![^(]*\))")]
    private static partial Regex Split();

    [GeneratedRegex(@"^(?:(?<not>!)\s*)?(?<name>[A-Za-z0-9][-A-Za-z0-9_./]*)(?:\s*(?<operator>==|=|!=)\s*(?<value>[-A-Za-z0-9_.]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?\z")]
    private static partial Regex Term();
}
