using GitOpsGrains.Abstractions.Ports.Git;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Repositories;

public sealed partial class RepositoryGrain
{
    [LoggerMessage(2001, LogLevel.Warning, "Repository {Repository}: the poll failed ({Kind}): {Message}")]
    private partial void LogPollFailed(string repository, GitErrorKind kind, string message);

    [LoggerMessage(2005, LogLevel.Error, "Looking at repository {Repository} failed by an error of the program; it is tried again")]
    private partial void LogPollBroken(Exception exception, string repository);

    [LoggerMessage(2002, LogLevel.Warning, "Repository {Repository}: {Ref} was rewritten from {Before} to {After}")]
    private partial void LogHistoryRewritten(string repository, string @ref, string before, string after);

    [LoggerMessage(2003, LogLevel.Information, "Repository {Repository}: {Application} was rolled back to {To} by {Commit} on {Branch}, asked for by {By}")]
    private partial void LogRolledBack(string repository, string application, string to, string commit, string branch, string by);
}
