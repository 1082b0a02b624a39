namespace GitOpsGrains.Documents.Validation;

/// <summary>Sync windows of a project: a window that nothing could obey must not be stored.</summary>
internal static class SyncWindowRules
{
    public const int MaxWindows = 50;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static void Check(Rules rules, string path, IReadOnlyList<SyncWindowSpec> windows)
    {
        if (windows.Count > MaxWindows) rules.Fault(path, $"more than {MaxWindows} windows");
        for (var i = 0; i < windows.Count && i < MaxWindows; i++) CheckOne(rules, $"{path}[{i}]", windows[i]);
    }

    private static void CheckOne(Rules rules, string path, SyncWindowSpec window)
    {
        if (rules.Required($"{path}.kind", window.Kind)) rules.OneOf($"{path}.kind", window.Kind, WindowKinds.All);
        if (window.Description is { } description) rules.PlainText($"{path}.description", description, 1024);
        rules.Required($"{path}.schedule", window.Schedule);
        if (window.Duration > TimeSpan.Zero) rules.Between($"{path}.duration", window.Duration, TimeSpan.FromMinutes(1), Longest);
        if (!WindowSchedule.TryParse(window, out _, out var fault) && (fault.Field != "schedule" || window.Schedule.Length > 0))
            rules.Fault($"{path}.{fault.Field}", fault.Reason);
        rules.Patterns($"{path}.applications", window.Applications);
        rules.Patterns($"{path}.namespaces", window.Namespaces);
        rules.Patterns($"{path}.clusters", window.Clusters);
        if (window.Applications.Count + window.Namespaces.Count + window.Clusters.Count == 0)
            rules.Fault(path, "concerns nothing: give applications, namespaces or clusters; applications: [\"*\"] means all");
    }
}
