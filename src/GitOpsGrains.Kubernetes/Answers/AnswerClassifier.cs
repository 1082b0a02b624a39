using GitOpsGrains.Engine.Clusters;

namespace GitOpsGrains.Kubernetes.Answers;

/// <summary>
/// Says what a refusal means, by status and message: servers answer some faults of an object, and of its webhooks, with
/// status 500, which must not be taken for a sick cluster.
/// </summary>
internal static class AnswerClassifier
{
    private static readonly string[] ObjectRefusals =
    [
        "failed to create typed patch object",
        "resourceVersion should not be set on objects to be created",
        "failed to create typed live object",
        "field not declared in schema",
        "duplicate entries for key",
        "omits key field",
        "failed to convert new object",
        "etcdserver: request is too large",
        "unable to convert",
        "unknown field \"",
    ];

    private static readonly string[] WebhookFailures =
    [
        "failed calling webhook",
        "failed calling admission webhook",
        "conversion webhook for",
    ];

    public static ClusterError Classify(int status, StatusDocument document, TimeSpan? retryAfterHeader, SecretMask mask)
    {
        var kind = KindOf(status, document);
        var message = document.Message.Length > 0 ? document.Message : $"the server answered {status} without a message";
        var retryAfter = kind is ClusterErrorKind.TooManyRequests or ClusterErrorKind.Unavailable ? retryAfterHeader ?? document.RetryAfter : null;
        return new ClusterError(kind, status, mask.Apply(message), retryAfter);
    }

    private static ClusterErrorKind KindOf(int status, StatusDocument document) => status switch
    {
        401 => ClusterErrorKind.Unauthorized,
        403 => ClusterErrorKind.Forbidden,
        404 => ClusterErrorKind.NotFound,
        408 => ClusterErrorKind.TimedOut,
        409 => document.Reason == "AlreadyExists" ? ClusterErrorKind.AlreadyExists : ClusterErrorKind.Conflict,
        410 => ClusterErrorKind.Gone,
        // The uid that an apply carries is a precondition; another object under the same name is answered as an invalid change of it.
        422 when document.CauseFields.Contains("metadata.uid") => ClusterErrorKind.Conflict,
        429 => ClusterErrorKind.TooManyRequests,
        >= 400 and < 500 => IsWebhookFailure(document) ? ClusterErrorKind.WebhookFailed : ClusterErrorKind.Invalid,
        500 when IsWebhookFailure(document) => ClusterErrorKind.WebhookFailed,
        500 when ObjectRefusals.Any(refusal => document.Message.Contains(refusal, StringComparison.Ordinal)) => ClusterErrorKind.ObjectRefused,
        >= 500 => ClusterErrorKind.Unavailable,
        _ => ClusterErrorKind.Malformed,
    };

    private static bool IsWebhookFailure(StatusDocument document) =>
        WebhookFailures.Any(failure => document.Message.Contains(failure, StringComparison.Ordinal));
}
