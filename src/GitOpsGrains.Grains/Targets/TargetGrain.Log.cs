using GitOpsGrains.Abstractions.Identity;
using Microsoft.Extensions.Logging;

namespace GitOpsGrains.Grains.Targets;

public sealed partial class TargetGrain
{
    [LoggerMessage(2201, LogLevel.Error, "Target {Target}: {What} failed")]
    private partial void LogWorkFailed(Exception exception, string target, string what);

    [LoggerMessage(2202, LogLevel.Warning, "Target {Target} was stopped before its work was done: {Message}")]
    private partial void LogStoppedHard(string target, string message);

    [LoggerMessage(2203, LogLevel.Information, "Target {Target}: put back {Object} ({Drift})")]
    private partial void LogHealed(string target, ResourceId @object, string drift);

    [LoggerMessage(2222, LogLevel.Warning, "Target {Target}: {Object} could not be put back: {Message}")]
    private partial void LogNotHealed(string target, ResourceId @object, string message);

    [LoggerMessage(2220, LogLevel.Warning, "Target {Target}: {Object}, which was deleted, is there again since the server went back; it is pruned as any object that left Git")]
    private partial void LogReturned(string target, string @object);

    [LoggerMessage(2221, LogLevel.Error, "Target {Target}: a part of what the operation {Operation} deleted can't be read; its objects can't be restored, and one that is there again is left alone")]
    private partial void LogTombstoneUnreadable(Exception exception, string target, string operation);

    [LoggerMessage(2223, LogLevel.Error, "Target {Target}: the stored manifests are damaged; they are rendered again")]
    private partial void LogSetDamaged(Exception exception, string target);

    [LoggerMessage(2219, LogLevel.Information, "Target {Target}: ran the action {Action} on {Object}")]
    private partial void LogAction(string target, string action, ResourceId @object);

    [LoggerMessage(2204, LogLevel.Warning, "Target {Target}: namespace {Namespace} could not be created: {Message}")]
    private partial void LogNamespaceNotCreated(string target, string @namespace, string message);

    [LoggerMessage(2206, LogLevel.Warning, "Target {Target}: {Why}; {Count} objects are left behind: {Objects}")]
    private partial void LogLeftBehind(string target, string why, int count, string objects);
}
