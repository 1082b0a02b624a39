using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Validation;

internal static class MetadataRules
{
    private const int MaxAnnotationCharacters = 64 * 1024;

    public static void Check(Rules rules, DocumentMetadata metadata)
    {
        rules.Key("metadata.name", metadata.Name);
        if (metadata.DisplayName is { } shown) rules.PlainText("metadata.displayName", shown, 253);
        CheckLabels(rules, "metadata.labels", metadata.Labels);
        foreach (var key in metadata.Annotations.Keys) CheckKey(rules, "metadata.annotations", key);
        if (metadata.Annotations.Sum(static pair => (long)pair.Value.Length) > MaxAnnotationCharacters)
            rules.Fault("metadata.annotations", $"longer than {MaxAnnotationCharacters} characters in all");
    }

    public static void CheckLabels(Rules rules, string path, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            CheckKey(rules, path, key);
            if (!NameRules.IsLabelValue(value))
                rules.Fault($"{path}['{NodePath.Shown(key)}']", "not a label value: letters, digits, '-', '_' and '.', at most 63 characters");
        }
    }

    private static void CheckKey(Rules rules, string path, string key)
    {
        if (!NameRules.IsLabelKey(key)) rules.Fault($"{path}['{NodePath.Shown(key)}']", "not a key: name or prefix/name, the name at most 63 characters");
    }
}
