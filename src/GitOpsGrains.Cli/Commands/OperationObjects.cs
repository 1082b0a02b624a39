using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Commands;

/// <summary>One object of an operation as a line: <c>configured apps/Deployment:web/shop on eu-1</c>.</summary>
internal static class OperationObjects
{
    public static bool IsTrouble(OperationObjectView item) => item.Action is "Failed" or "Held";

    public static string LineOf(OperationObjectView item) =>
        $"{WordOf(item.Action)} {item.Object} on {item.Cluster}{(string.IsNullOrEmpty(item.Message) ? "" : ": " + item.Message)}";

    private static string WordOf(string action) => action == "HandedOver" ? "handed over" : action.ToLowerInvariant();
}
