using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Storage.Manifests;

public sealed partial class ManifestStore
{
    [LoggerMessage(6030, LogLevel.Information, "Removed {Count} manifest sets that were unrenewed since {Before:O} in {Milliseconds:F0} ms")]
    private static partial void LogSwept(ILogger logger, int count, DateTimeOffset before, double milliseconds);

    [LoggerMessage(6031, LogLevel.Error, "The stored manifest set {Key} can't be read; the next render stores it anew")]
    private static partial void LogDamaged(ILogger logger, Exception exception, string key);

    [LoggerMessage(6032, LogLevel.Information, "The damaged manifest set {Key} was stored anew")]
    private static partial void LogRepaired(ILogger logger, string key);

    [LoggerMessage(6033, LogLevel.Warning, "That the stored manifest set {Key} is damaged could not be stored; only this silo knows")]
    private static partial void LogNotFlagged(ILogger logger, Exception exception, string key);
}
