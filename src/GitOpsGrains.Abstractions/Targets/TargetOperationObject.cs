using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Status;

namespace GitOpsGrains.Abstractions.Targets;

/// <summary>What an operation did, or of a dry run would do, with one object. Never holds a secret.</summary>
[GenerateSerializer, Immutable, Alias("gog.TargetOperationObject")]
public sealed record TargetOperationObject
{
    public const int MaxObjects = 200;
    private const int MaxMessage = 200;
    /// <summary>Of all ids and messages together: the list is part of a state that must stay under 64 KB.</summary>
    private const int MaxCharacters = 24 * 1024;

    [Id(0)] public ResourceId Object { get; init; }
    [Id(1)] public ApplyAction Action { get; init; }
    [Id(2)] public string Message { get; init; } = "";

    /// <summary>
    /// What a person wants to see of an operation, within bounds: failures first, then what is held, then the rest in order;
    /// what stays as it is is left out, long messages are cut.
    /// </summary>
    public static IReadOnlyList<TargetOperationObject> Bounded(IEnumerable<TargetOperationObject> objects)
    {
        var (kept, characters) = (new List<TargetOperationObject>(), 0);
        foreach (var item in objects.Where(item => item.Action != ApplyAction.Unchanged).OrderBy(item => RankOf(item.Action)))
        {
            var cut = item with { Message = Cut(item.Message) };
            characters += cut.Object.ToString().Length + cut.Message.Length;
            if (kept.Count == MaxObjects || characters > MaxCharacters) break;
            kept.Add(cut);
        }
        return kept;
    }

    private static int RankOf(ApplyAction action) => action switch
    {
        ApplyAction.Failed => 0,
        ApplyAction.Held => 1,
        _ => 2,
    };

    /// <summary>Never through the middle of a character.</summary>
    private static string Cut(string message) => message.Length <= MaxMessage
        ? message
        : message[..(char.IsHighSurrogate(message[MaxMessage - 2]) ? MaxMessage - 2 : MaxMessage - 1)] + "…";
}
