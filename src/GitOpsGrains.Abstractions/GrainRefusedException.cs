namespace GitOpsGrains.Abstractions;

/// <summary>Why a grain refused a command.</summary>
[GenerateSerializer, Alias("gog.RefusalKind")]
public enum RefusalKind
{
    /// <summary>The thing addressed, or one it names, does not exist.</summary>
    NotFound = 0,
    /// <summary>The command contradicts the present state (a cluster that still has targets, a suspended application).</summary>
    Conflict = 1,
    /// <summary>The command's content is wrong.</summary>
    Invalid = 2,
}

/// <summary>A command that a grain refused; nothing was changed. The message is for people.</summary>
[GenerateSerializer, Alias("gog.GrainRefused")]
public sealed class GrainRefusedException : Exception
{
    public GrainRefusedException(RefusalKind kind, string message)
        : base(message) => Kind = kind;

    [Id(0)] public RefusalKind Kind { get; private set; }
}
