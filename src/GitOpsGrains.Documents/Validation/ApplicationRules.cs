namespace GitOpsGrains.Documents.Validation;

internal static class ApplicationRules
{
    private const int MaxSources = 20;

    public static void Check(Rules rules, ApplicationSpec spec)
    {
        rules.Key("spec.project", spec.Project);
        CheckSources(rules, spec);
        CheckDestination(rules, spec.Destination);
        SyncRules.Check(rules, "spec.sync", spec.Sync);
        IgnoreRuleChecks.Check(rules, "spec.ignoreDifferences", spec.IgnoreDifferences);
        if (spec.DependsOn.Count > 0) rules.NotYet("spec.dependsOn");
        rules.OneOf("spec.deletionPolicy", spec.DeletionPolicy, DeletionPolicies.All);
        rules.Between("spec.driftCheck.interval", spec.DriftCheck.Interval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        if (spec.DriftCheck.DeepInterval < spec.DriftCheck.Interval || spec.DriftCheck.DeepInterval > TimeSpan.FromDays(7))
            rules.Fault("spec.driftCheck.deepInterval", "must be from the interval to 168h");
    }

    private static void CheckSources(Rules rules, ApplicationSpec spec)
    {
        if (spec.Source is not null && spec.Sources.Count > 0) rules.Fault("spec.sources", "give source or sources, not both");
        if (spec.Source is null && spec.Sources.Count == 0) rules.Fault("spec.source", "required");
        if (spec.Sources.Count > MaxSources) rules.Fault("spec.sources", $"more than {MaxSources}");
        var names = spec.AllSources.Select(source => source.Name).Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        if (spec.Source is not null) SourceRules.Check(rules, "spec.source", spec.Source, names);
        for (var i = 0; i < spec.Sources.Count; i++)
        {
            var name = spec.Sources[i].Name;
            SourceRules.Check(rules, $"spec.sources[{i}]", spec.Sources[i], names);
            if (name.Length > 0 && spec.Sources.Take(i).Any(other => other.Name == name)) rules.Fault($"spec.sources[{i}].name", "given twice");
        }
        if (spec.AllSources.Count > 0 && !spec.AllSources.Any(source => source.IsRendered))
            rules.Fault(spec.Source is null ? "spec.sources" : "spec.source", "nothing is rendered: a source with a name and no path is only read by others ('.' is the root)");
    }

    private static void CheckDestination(Rules rules, DestinationSpec destination)
    {
        const string path = "spec.destination";
        var named = destination.Clusters.Count > 0;
        if (named && destination.ClusterSelector is not null) rules.Fault($"{path}.clusterSelector", "give clusters or clusterSelector, not both");
        if (!named && destination.ClusterSelector is null) rules.Fault($"{path}.clusters", "required: names of clusters, or a clusterSelector");
        rules.Keys($"{path}.clusters", destination.Clusters);
        if (destination.Namespace.Length > 0) rules.Namespace($"{path}.namespace", destination.Namespace);
        if (destination.ClusterSelector is not { } selector) return;
        if (selector.MatchLabels is null) rules.Fault($"{path}.clusterSelector.matchLabels", "required; an empty map {} chooses every cluster");
        else MetadataRules.CheckLabels(rules, $"{path}.clusterSelector.matchLabels", selector.MatchLabels);
    }
}
