using GitOpsGrains.Abstractions;
using GitOpsGrains.Documents.Parsing;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

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

    /// <summary>No silo answers.</summary>
    Unavailable,

    /// <summary>A silo has not answered in time; what was asked for may still happen.</summary>
    TimedOut,
}

/// <summary>Why a request is not done, in words for its sender; each face says it in its own form.</summary>
/// <param name="Faults">Of documents, all of them.</param>
internal sealed record Refusal(RefusalCode Code, string Title, string Detail, IReadOnlyList<DocumentFault>? Faults = null)
{
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
        SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or GatewayTooBusyException =>
            new(RefusalCode.Unavailable, "Service unavailable", NoSilo),
        TimeoutException => new(RefusalCode.TimedOut, "Gateway timeout", "the silos have not answered in time; what was asked for may still happen"),
        _ => null,
    };
}

/// <summary>A stream of documents that is not valid; nothing of it was stored.</summary>
internal sealed class DocumentsRefusedException(IReadOnlyList<DocumentFault> faults)
    : Exception($"{faults.Count} fault{(faults.Count == 1 ? "" : "s")}; nothing was stored")
{
    public IReadOnlyList<DocumentFault> Faults => faults;
}

internal sealed class RequestTooLargeException(string message) : Exception(message);

internal sealed class CursorTooOldException(string message) : Exception(message);
