using GitOpsGrains.Abstractions.Identity;

namespace GitOpsGrains.Engine.Desired;

/// <summary>When a hook is deleted.</summary>
[Flags]
public enum HookDeletion
{
    None = 0,
    HookSucceeded = 1,
    HookFailed = 2,
    /// <summary>The one of the sync before, just before the new one is made.</summary>
    BeforeHookCreation = 4,
}

/// <summary>
/// What makes a manifest a hook: an object that a sync runs instead of keeping it equal to Git. Our annotations win over
/// Argo CD's, Argo CD's over Helm's (Argo CD, sync/hook; Helm's kinds of hooks are mapped as Argo CD does).
/// </summary>
/// <param name="Phases">In which it runs; none for kinds of hooks that only Helm itself runs (test, rollback).</param>
/// <param name="UnknownWords">Words that name no phase: such a hook may never run.</param>
public sealed record HookPolicy(IReadOnlyList<SyncPhase> Phases, HookDeletion Deletion, IReadOnlyList<string> UnknownWords)
{
    private const string OwnHook = "gitopsgrains.io/hook";
    private const string ArgoHook = "argocd.argoproj.io/hook";
    private const string HelmHook = "helm.sh/hook";
    private const string OwnDeletion = "gitopsgrains.io/hook-delete-policy";
    private const string ArgoDeletion = "argocd.argoproj.io/hook-delete-policy";
    private const string HelmDeletion = "helm.sh/hook-delete-policy";
    private const string Skip = "Skip";

    private static readonly Dictionary<string, SyncPhase> HelmPhases = new(StringComparer.Ordinal)
    {
        ["pre-install"] = SyncPhase.PreSync,
        ["pre-upgrade"] = SyncPhase.PreSync,
        ["post-install"] = SyncPhase.PostSync,
        ["post-upgrade"] = SyncPhase.PostSync,
        ["pre-delete"] = SyncPhase.PreDelete,
        ["post-delete"] = SyncPhase.PostDelete,
    };

    /// <summary>Helm runs these by commands of its own, which have no counterpart here.</summary>
    private static readonly HashSet<string> HelmOnly = new(StringComparer.Ordinal) { "test", "test-success", "test-failure", "pre-rollback", "post-rollback" };

    /// <summary>Null for an object that is no hook.</summary>
    public static HookPolicy? Of(IReadOnlyDictionary<string, string> annotations)
    {
        if (Words(annotations, OwnHook) is { } own) return IsSkip(own) ? null : Named(own, annotations);
        if (Words(annotations, ArgoHook) is { } argo) return IsSkip(argo) ? null : Named(argo, annotations);
        if (Words(annotations, HelmHook) is not { } helm || helm is ["crd-install"]) return null;
        return new HookPolicy(
            [.. helm.Where(HelmPhases.ContainsKey).Select(word => HelmPhases[word]).Distinct()],
            DeletionOf(annotations),
            [.. helm.Where(word => !HelmPhases.ContainsKey(word) && !HelmOnly.Contains(word) && word != "crd-install")]);
    }

    /// <summary>The manifest says that it is not to be applied at all: <c>hook: Skip</c>.</summary>
    public static bool IsSkipped(IReadOnlyDictionary<string, string> annotations) =>
        (Words(annotations, OwnHook) ?? Words(annotations, ArgoHook)) is { } words && IsSkip(words);

    private static bool IsSkip(string[] words) => words.Contains(Skip, StringComparer.Ordinal);

    private static HookPolicy Named(string[] words, IReadOnlyDictionary<string, string> annotations)
    {
        var phases = new List<SyncPhase>();
        var unknown = new List<string>();
        foreach (var word in words)
        {
            if (!word.All(char.IsAsciiLetter) || !Enum.TryParse<SyncPhase>(word, ignoreCase: false, out var phase)) unknown.Add(word);
            else if (!phases.Contains(phase)) phases.Add(phase);
        }
        return new HookPolicy(phases, DeletionOf(annotations), unknown);
    }

    private static HookDeletion DeletionOf(IReadOnlyDictionary<string, string> annotations)
    {
        var deletion = HookDeletion.None;
        foreach (var word in Words(annotations, OwnDeletion) ?? Words(annotations, ArgoDeletion) ?? Words(annotations, HelmDeletion) ?? [])
            deletion |= word switch
            {
                "HookSucceeded" or "hook-succeeded" => HookDeletion.HookSucceeded,
                "HookFailed" or "hook-failed" => HookDeletion.HookFailed,
                "BeforeHookCreation" or "before-hook-creation" => HookDeletion.BeforeHookCreation,
                _ => HookDeletion.None,
            };
        return deletion == HookDeletion.None ? HookDeletion.BeforeHookCreation : deletion;
    }

    private static string[]? Words(IReadOnlyDictionary<string, string> annotations, string name) =>
        annotations.TryGetValue(name, out var text) ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : null;
}
