using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Validation;

/// <summary>Sync policy: closed sets, bounds of times and numbers.</summary>
internal static class SyncRules
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static void Check(Rules rules, string path, SyncSpec sync)
    {
        CheckPrune(rules, $"{path}.prune", sync.Prune);
        for (var i = 0; i < sync.Options.Count; i++) CheckOption(rules, $"{path}.options[{i}]", sync.Options[i]);
        rules.OneOf($"{path}.preemption", sync.Preemption, PreemptionPolicies.All);
        if (sync.ManagedNamespaceMetadata is { } metadata) MetadataRules.CheckLabels(rules, $"{path}.managedNamespaceMetadata.labels", metadata.Labels);
        rules.OneOf($"{path}.foreignFields", sync.ForeignFields, ForeignFieldPolicies.All);
        rules.OneOf($"{path}.onFailure", sync.OnFailure, FailurePolicies.All);
        rules.Between($"{path}.timeout", sync.Timeout, TimeSpan.FromSeconds(10), Day);
        rules.Between($"{path}.healthTimeout", sync.HealthTimeout, TimeSpan.FromSeconds(1), Day);
        CheckRetry(rules, $"{path}.retry", sync.Retry);
    }

    private static void CheckPrune(Rules rules, string path, PruneSpec prune)
    {
        rules.Between($"{path}.budget.objects", prune.Budget.Objects, 0, int.MaxValue);
        rules.Between($"{path}.budget.percent", prune.Budget.Percent, 0, 100);
        rules.OneOf($"{path}.propagation", prune.Propagation, PropagationPolicies.All);
        for (var i = 0; i < prune.ConfirmKinds.Count; i++) rules.Required($"{path}.confirmKinds[{i}]", prune.ConfirmKinds[i]);
    }

    private static void CheckRetry(Rules rules, string path, RetrySpec retry)
    {
        var backoff = retry.Backoff;
        if (retry.Limit is < -1 or > 100) rules.Fault($"{path}.limit", "must be from 0 to 100, or -1 for no end");
        rules.Between($"{path}.backoff.duration", backoff.Duration, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        rules.Between($"{path}.backoff.factor", backoff.Factor, 1, 10);
        if (backoff.Max < backoff.Duration || backoff.Max > Day) rules.Fault($"{path}.backoff.max", "must be from the backoff's duration to 24h");
    }

    private static void CheckOption(Rules rules, string path, string option)
    {
        if (SyncOptions.All.Contains(option)) return;
        if (option.Contains('=', StringComparison.Ordinal)) rules.Fault(path, $"unknown option{NearestName.Hint(option, SyncOptions.All)}");
        else rules.Fault(path, "expected NAME=VALUE, for example CreateNamespace=true");
    }
}
