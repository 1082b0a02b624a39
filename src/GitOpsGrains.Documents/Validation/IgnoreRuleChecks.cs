using GitOpsGrains.Documents.Fields;

namespace GitOpsGrains.Documents.Validation;

/// <summary>Rules of ignoreDifferences: each names something to ignore, and every path can be followed.</summary>
internal static class IgnoreRuleChecks
{
    private const int MaxRules = 100;
    private const int MaxPaths = 100;
    private const int LongestName = 253;

    private delegate FieldPath? Reader(string text, out string fault);

    public static void Check(Rules rules, string path, IReadOnlyList<IgnoreDifference> differences)
    {
        if (differences.Count > MaxRules) rules.Fault(path, $"at most {MaxRules} rules");
        for (var i = 0; i < differences.Count && i < MaxRules; i++) Check(rules, $"{path}[{i}]", differences[i]);
    }

    private static void Check(Rules rules, string path, IgnoreDifference difference)
    {
        rules.PlainText($"{path}.group", difference.Group, LongestName);
        rules.PlainText($"{path}.kind", difference.Kind, LongestName);
        rules.PlainText($"{path}.namespace", difference.Namespace, LongestName);
        rules.PlainText($"{path}.name", difference.Name, LongestName);
        var count = difference.JsonPointers.Count + difference.JqPathExpressions.Count + difference.JmesPaths.Count + difference.ManagedFieldsManagers.Count;
        if (count == 0) rules.Fault(path, "names nothing to ignore: give jsonPointers, jqPathExpressions, jmesPaths or managedFieldsManagers");
        if (count > MaxPaths) rules.Fault(path, $"at most {MaxPaths} paths and managers");
        CheckPaths(rules, $"{path}.jsonPointers", difference.JsonPointers, FieldPath.OfPointer);
        CheckPaths(rules, $"{path}.jqPathExpressions", difference.JqPathExpressions, FieldPath.OfJq);
        CheckPaths(rules, $"{path}.jmesPaths", difference.JmesPaths, FieldPath.OfJmes);
        for (var i = 0; i < difference.ManagedFieldsManagers.Count; i++)
            if (rules.Required($"{path}.managedFieldsManagers[{i}]", difference.ManagedFieldsManagers[i]))
                rules.PlainText($"{path}.managedFieldsManagers[{i}]", difference.ManagedFieldsManagers[i], 128);
    }

    private static void CheckPaths(Rules rules, string path, IReadOnlyList<string> texts, Reader read)
    {
        for (var i = 0; i < texts.Count && i < MaxPaths; i++)
            if (read(texts[i], out var fault) is null)
                rules.Fault($"{path}[{i}]", fault);
    }
}
