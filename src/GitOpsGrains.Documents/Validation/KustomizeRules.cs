namespace GitOpsGrains.Documents.Validation;

/// <summary>What is laid over a kustomization. Whether its parts fit the objects is the render's to say.</summary>
internal static class KustomizeRules
{
    private const int MaxText = 1024 * 1024;
    private static readonly string[] PatchOptions = ["allowNameChange", "allowKindChange"];

    public static void Check(Rules rules, string path, KustomizeSpec spec)
    {
        rules.PlainText($"{path}.namePrefix", spec.NamePrefix, 253);
        rules.PlainText($"{path}.nameSuffix", spec.NameSuffix, 253);
        if (spec.Namespace.Length > 0) rules.Namespace($"{path}.namespace", spec.Namespace);
        for (var i = 0; i < spec.Images.Count; i++) CheckImage(rules, $"{path}.images[{i}]", spec.Images[i]);
        for (var i = 0; i < spec.Replicas.Count; i++)
        {
            rules.Required($"{path}.replicas[{i}].name", spec.Replicas[i].Name);
            if (spec.Replicas[i].Count < 0) rules.Fault($"{path}.replicas[{i}].count", "must not be negative");
        }
        MetadataRules.CheckLabels(rules, $"{path}.commonLabels", spec.CommonLabels);
        for (var i = 0; i < spec.Labels.Count; i++) MetadataRules.CheckLabels(rules, $"{path}.labels[{i}].pairs", spec.Labels[i].Pairs);
        if (spec.LabelIncludeTemplates && !spec.LabelWithoutSelector)
            rules.Fault($"{path}.labelIncludeTemplates", "means something with labelWithoutSelector only: labels in selectors are in templates too");
        for (var i = 0; i < spec.Components.Count; i++)
            if (rules.Required($"{path}.components[{i}]", spec.Components[i])) rules.PlainText($"{path}.components[{i}]", spec.Components[i], 4096);
        for (var i = 0; i < spec.Patches.Count; i++) CheckPatch(rules, $"{path}.patches[{i}]", spec.Patches[i]);
    }

    private static void CheckImage(Rules rules, string path, string image)
    {
        if (!rules.Required(path, image)) return;
        rules.PlainText(path, image, 1024);
        if (image.StartsWith('=') || image.EndsWith('=')) rules.Fault(path, "expected [old=]new[:tag|@digest]");
    }

    private static void CheckPatch(Rules rules, string path, KustomizePatch patch)
    {
        if ((patch.Patch.Length > 0) == (patch.Path.Length > 0)) rules.Fault(path, "give one of patch and path");
        if (patch.Patch.Length > MaxText) rules.Fault($"{path}.patch", $"longer than {MaxText} characters");
        rules.PlainText($"{path}.path", patch.Path, 4096);
        foreach (var option in patch.Options.Keys) rules.OneOf($"{path}.options", option, PatchOptions);
    }
}
