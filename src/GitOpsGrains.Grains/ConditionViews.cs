using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Grains;

/// <summary>Conditions as people read them.</summary>
public static class ConditionViews
{
    public static ConditionView Of(Condition condition) => new()
    {
        Type = condition.Type,
        Message = condition.Message,
        Since = condition.Since,
        File = condition.File,
        Document = condition.Document,
        Object = condition.Object?.ToString(),
    };

    public static IReadOnlyList<ConditionView> Of(IEnumerable<Condition> conditions) => [.. conditions.Select(Of)];

    /// <summary>With the cluster that it is about.</summary>
    public static Condition Of(string cluster, Condition condition) => condition with { Message = $"{cluster}: {condition.Message}" };

    /// <summary>One sentence for lists: where it is, then what is wrong.</summary>
    public static string Sentence(Condition condition)
    {
        var place = condition.File is null ? "" : $"{condition.File}{(condition.Document is { } index ? $" document {index}" : "")}: ";
        var subject = condition.Object is { } id ? $"{id.Display}: " : "";
        return place + subject + condition.Message;
    }
}
