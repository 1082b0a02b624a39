using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Applications;

public sealed partial class ApplicationGrain
{
    [LoggerMessage(2101, LogLevel.Error, "Application {Application}: {What} failed")]
    private partial void LogWorkFailed(Exception exception, string application, string what);

    [LoggerMessage(2102, LogLevel.Warning, "Application {Application}: the table of reminders failed")]
    private partial void LogReminderFailed(Exception exception, string application);
}
