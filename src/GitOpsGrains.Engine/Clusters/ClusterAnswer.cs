using System.Diagnostics.CodeAnalysis;

namespace GitOpsGrains.Engine.Clusters;

/// <summary>What a refused or failed request to a cluster means: classified by status and message.</summary>
public enum ClusterErrorKind
{
    /// <summary>404.</summary>
    NotFound,
    /// <summary>409: a precondition (uid, resourceVersion) or a field manager stands against it.</summary>
    Conflict,
    /// <summary>409 with reason AlreadyExists.</summary>
    AlreadyExists,
    /// <summary>410: the resourceVersion or continue token is too old.</summary>
    Gone,
    /// <summary>403.</summary>
    Forbidden,
    /// <summary>401, or credentials that can't be obtained (an expired token, an exec plugin that fails).</summary>
    Unauthorized,
    /// <summary>400 and 422: the object is wrong.</summary>
    Invalid,
    /// <summary>500 that is the object's fault: "failed to create typed patch object", an unknown or duplicate field.</summary>
    ObjectRefused,
    /// <summary>"failed calling webhook": an admission webhook of this cluster does not answer.</summary>
    WebhookFailed,
    /// <summary>429: the server asks to slow down.</summary>
    TooManyRequests,
    /// <summary>503, 504, or 500 without a known cause.</summary>
    Unavailable,
    /// <summary>No answer in time.</summary>
    TimedOut,
    /// <summary>No connection: name, port, reset.</summary>
    Unreachable,
    /// <summary>No connection: the server shows a certificate that is not to be trusted, or refuses ours.</summary>
    Untrusted,
    /// <summary>Not sent: the circuit breaker is open.</summary>
    CircuitOpen,
    /// <summary>An answer that can't be understood.</summary>
    Malformed,
}

/// <param name="Message">The server's own words where there are some; never holds credentials or Secret data.</param>
/// <param name="RetryAfter">What the server asked for, if it did.</param>
public sealed record ClusterError(ClusterErrorKind Kind, int StatusCode, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>The object is wrong: sending the same again can't help.</summary>
    public bool IsOfObject => Kind is ClusterErrorKind.Invalid or ClusterErrorKind.ObjectRefused or ClusterErrorKind.WebhookFailed;

    /// <summary>The cluster can't be used now; the circuit breaker counts exactly these (429 aside, which only slows down).</summary>
    public bool IsOfCluster => Kind is ClusterErrorKind.Unavailable or ClusterErrorKind.TimedOut or ClusterErrorKind.Unreachable or ClusterErrorKind.Untrusted or ClusterErrorKind.CircuitOpen;
}

/// <summary>A value, or why there is none.</summary>
public readonly record struct ClusterAnswer<T>(T? Value, ClusterError? Error)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    public static implicit operator ClusterAnswer<T>(T value) => new(value, null);
    public static implicit operator ClusterAnswer<T>(ClusterError error) => new(null, error);
}
