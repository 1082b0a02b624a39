using System.Security.Authentication;
using GitOpsGrains.Engine.Clusters;

namespace GitOpsGrains.Kubernetes.Answers;

/// <summary>Says what it means when no whole answer came.</summary>
internal static class FailureClassifier
{
    public static ClusterError TimedOut(string what) => new(ClusterErrorKind.TimedOut, 0, what);

    public static ClusterError Malformed(int status, string what) => new(ClusterErrorKind.Malformed, status, what);

    /// <summary>For TLS the cause that helps lies one deeper than the message that everybody sees.</summary>
    public static ClusterError Unreachable(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException) return new(ClusterErrorKind.Untrusted, 0, SecretMask.None.Apply($"TLS: {cause.Message}"));
        }

        return new(ClusterErrorKind.Unreachable, 0, SecretMask.None.Apply(exception.InnerException is { } inner && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.Message}: {inner.Message}"
            : exception.Message));
    }
}
