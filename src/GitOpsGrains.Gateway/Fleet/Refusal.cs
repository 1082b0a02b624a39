using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Parsing;
using GitOpsGrains.Gateway.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace GitOpsGrains.Gateway.Fleet;

/// <summary>The kinds of refusals that all faces tell apart.</summary>
internal enum RefusalCode
{
    Invalid,
    NotFound,
    Conflict,
    TooLarge,

    /// <summary>The changes after a cursor are not kept any more.</summary>
    Gone,

    /// <summary>No silo answers, the one that is needed does not, or they have too much to do. Asked again later, it may be done.</summary>
    Unavailable,

    /// <summary>This client asks for too much at once; others are answered.</summary>
    TooMany,
}

/// <summary>Why a request is not done, in words for its sender; each face says it in its own form.</summary>
/// <param name="Faults">Of documents, all of them.</param>
internal sealed record Refusal(RefusalCode Code, string Title, string Detail, IReadOnlyList<DocumentFault>? Faults = null)
{
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(5);

    /// <summary>When a client may try again what was not available or too much; null: as it is, it stays refused.</summary>
    public TimeSpan? RetryAfter => Code is RefusalCode.Unavailable or RefusalCode.TooMany ? UsualPause : null;

    /// <summary>
    /// Placement, directory and reminders throw what has no kind of its own while silos come and go, and so does a grain whose state can't
    /// be read: what it was is for the log to say.
    /// </summary>
    public const string Unclear = "the silos are just changing, or what is stored can't be read now; what was asked for may still happen";

    public const string NoSilo = "no silo answers; the gateway goes on trying to reach one";

    /// <summary>Null for what is no refusal but a fault of this program.</summary>
    public static Refusal? Of(Exception exception) => exception switch
    {
        GrainRefusedException { Kind: RefusalKind.NotFound } refused => new(RefusalCode.NotFound, "Not found", refused.Message),
        GrainRefusedException { Kind: RefusalKind.Conflict } refused => new(RefusalCode.Conflict, "Conflict", refused.Message),
        GrainRefusedException refused => new(RefusalCode.Invalid, "Bad request", refused.Message),
        DocumentsRefusedException refused => new(RefusalCode.Invalid, "Documents are not valid", refused.Message, refused.Faults),
        RequestTooLargeException refused => new(RefusalCode.TooLarge, "Too large", refused.Message),
        CursorTooOldException refused => new(RefusalCode.Gone, "Gone", refused.Message),
        SilosLostException => Unavailable(NoSilo),
        TooManyRequestsException => Unavailable("too many requests at once; try again later"),
        TooManyOfOneClientException => new(RefusalCode.TooMany, "Too many requests", "too many requests of one client at once; ask for less at a time, and try again later"),
        GatewayTooBusyException or LimitExceededException => Unavailable("the silos have too much to do; try again later"),
        SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException =>
            Unavailable("the silo that serves this does not answer, and another one will take over; what was asked for may still happen"),
        InconsistentStateException => Unavailable("this was changed by somebody else at the same time; try again"),
        StorageFailedException failed => Unavailable($"nothing can be stored at the moment: {failed.Message}; where the storage took it and could not say so, what was asked for may still happen"),
        TimeoutException => Unavailable("the silos have not answered in time; what was asked for may still happen"),
        OrleansException => Unavailable(Unclear),
        _ => null,
    };

    private static Refusal Unavailable(string detail) => new(RefusalCode.Unavailable, "Service unavailable", detail);
}

/// <summary>A stream of documents that is not valid; nothing of it was stored.</summary>
internal sealed class DocumentsRefusedException(IReadOnlyList<DocumentFault> faults)
    : Exception($"{faults.Count} fault{(faults.Count == 1 ? "" : "s")}; nothing was stored")
{
    public IReadOnlyList<DocumentFault> Faults => faults;
}

internal sealed class RequestTooLargeException(string message) : Exception(message);

internal sealed class CursorTooOldException(string message) : Exception(message);

/// <summary>More than this gateway takes on at once.</summary>
internal sealed class TooManyRequestsException() : Exception("too many requests at once");

/// <summary>More than this gateway takes on at once of one client.</summary>
internal sealed class TooManyOfOneClientException() : Exception("too many requests of one client at once");
