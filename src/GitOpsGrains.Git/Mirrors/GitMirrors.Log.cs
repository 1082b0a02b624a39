using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Git.Mirrors;

internal sealed partial class GitMirrors
{
    [LoggerMessage(4001, LogLevel.Debug, "Repository {Repository}: work whose time was up ended in a failure")]
    private partial void LogLateFailure(string repository, Exception failure);
}
