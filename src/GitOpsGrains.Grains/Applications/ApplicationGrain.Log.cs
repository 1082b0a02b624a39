using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Applications;

public sealed partial class ApplicationGrain
{
    [LoggerMessage(2101, LogLevel.Error, "Application {Application}: {What} failed")]
    private partial void LogWorkFailed(Exception exception, string application, string what);
}
