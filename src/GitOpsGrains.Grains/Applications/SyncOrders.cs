using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Targets;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains.Applications;

/// <summary>What a person asks of a sync: read and checked, noted in the operation, and made an order for the targets.</summary>
public static class SyncOrders
{
    public const int MaxObjects = 500;
    private const int ShownOfText = 100;
    private const int LeastRevision = 7;
    private const int LongestRevision = 64;

    /// <summary>A checked request, with the document's word where it says nothing. Errors: <see cref="GrainRefusedException"/> (Invalid).</summary>
    public static TargetSyncOrder Read(SyncRequest request, SyncSpec policy)
    {
        CheckRevision(request.Revision);
        var objects = References(request.Objects);
        return new TargetSyncOrder
        {
            Objects = objects,
            // Whoever picks objects asks for these alone: what is deleted must be asked for as well.
            Prune = request.Prune ?? (objects.Count == 0 && policy.Prune.Enabled),
            DryRun = request.DryRun ?? false,
            OverrideWindow = request.OverrideWindow ?? false,
            OnFailure = request.OnError switch
            {
                null => null,
                ErrorPolicies.Abort => FailurePolicies.Stop,
                ErrorPolicies.Continue => FailurePolicies.Continue,
                _ => throw Invalid($"onError: {Shown(request.OnError)} is not {string.Join(" or ", ErrorPolicies.All)}"),
            },
            Options = [.. Option(request.Force, "Force=true"), .. Option(request.Replace, "Replace=true")],
        };
    }

    /// <summary>Errors: <see cref="GrainRefusedException"/> (Invalid) for one that names no object, or more than 500.</summary>
    public static IReadOnlyList<ObjectReference> References(IReadOnlyList<string>? objects)
    {
        if (objects is null) return [];
        // An empty list is not "all of them": whoever sends it has filtered everything away.
        if (objects.Count == 0) throw Invalid("objects: the list is empty; leave it out to mean all objects");
        if (objects.Count > MaxObjects) throw Invalid($"objects: more than {MaxObjects}");
        return [.. objects.Select((text, index) => ObjectReference.TryParse(text, out var reference)
            ? reference
            : throw Invalid($"objects[{index}]: {Shown(text)} is not {ObjectReference.Shape}"))];
    }

    public static void Note(ApplicationOperation operation, TargetSyncOrder asked, string? revision)
    {
        (operation.Prune, operation.DryRun, operation.OverrideWindow) = (asked.Prune, asked.DryRun, asked.OverrideWindow);
        (operation.OnFailure, operation.Options, operation.Revision) = (asked.OnFailure, [.. asked.Options], revision);
        operation.Objects = [.. asked.Objects.Select(reference => reference.ToString())];
    }

    public static TargetSyncOrder Of(ApplicationOperation operation) => new()
    {
        OperationId = operation.Id,
        Prune = operation.Prune,
        DryRun = operation.DryRun,
        Objects = References(operation.Objects.Count == 0 ? null : operation.Objects),
        OnFailure = operation.OnFailure,
        OverrideWindow = operation.OverrideWindow,
        Options = operation.Options,
    };

    /// <summary>Why the newest commit is not the one that the operation is meant for; null when it is.</summary>
    /// <param name="newest">Of each source.</param>
    public static string? WrongRevision(ApplicationOperation operation, IReadOnlyList<string> newest) =>
        operation.Revision is not { } wanted || newest.Any(commit => commit.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            ? null
            : $"the newest commit is {string.Join(" or ", newest.Distinct(StringComparer.Ordinal))}, not {wanted}; only the newest is synced: to go back to an older one, revert in Git";

    private static void CheckRevision(string? revision)
    {
        if (revision is null) return;
        if (revision.Length is < LeastRevision or > LongestRevision || !revision.All(char.IsAsciiHexDigit))
            throw Invalid($"revision: not a commit id: {LeastRevision} to {LongestRevision} hexadecimal digits");
    }

    private static IEnumerable<string> Option(bool? wanted, string option) => wanted == true ? [option] : [];

    private static string Shown(string? text) => text is null ? "null" : $"'{(text.Length > ShownOfText ? text[..ShownOfText] + "…" : text)}'";

    private static GrainRefusedException Invalid(string message) => new(RefusalKind.Invalid, message);
}
