namespace GitOpsGrains.Testing.Git;

/// <summary>How a <see cref="GitServer"/> misbehaves.</summary>
public enum GitServerFault
{
    None,
    /// <summary>Takes the request and never answers.</summary>
    Hang,
    /// <summary>Answers a part and then nothing more.</summary>
    HangMidAnswer,
    /// <summary>Closes the connection without an answer.</summary>
    Drop,
    /// <summary>Closes the connection after half of the answer.</summary>
    DropMidAnswer,
    Unauthorized,
    Forbidden,
    NotFound,
    InternalError,
    Unavailable,
    /// <summary>Answers 429 and <see cref="GitServer.RetryAfter"/>.</summary>
    TooManyRequests,
    /// <summary>Answers 200 with a web page.</summary>
    WebPage,
    /// <summary>Redirects to a page to log in at the same host.</summary>
    LoginRedirect,
    /// <summary>Redirects to another host.</summary>
    ForeignRedirect,
    /// <summary>Answers with the right content type and nonsense.</summary>
    Garbage,
}
