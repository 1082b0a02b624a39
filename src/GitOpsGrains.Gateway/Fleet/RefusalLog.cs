using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>What clients are not told of refusals.</summary>
internal static partial class RefusalLog
{
    /// <summary>Notes what has no kind of its own; the refusal.</summary>
    public static Refusal Note(this Refusal refusal, ILogger logger, string request, Exception exception)
    {
        if (refusal.Detail == Refusal.Unclear) LogUnclear(logger, request, exception);
        return refusal;
    }

    [LoggerMessage(3004, LogLevel.Warning, "{Request} was answered with 'unavailable'")]
    private static partial void LogUnclear(ILogger logger, string request, Exception exception);
}
