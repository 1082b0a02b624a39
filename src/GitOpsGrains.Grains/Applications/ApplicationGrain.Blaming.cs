using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Identity;
using GitOpsGrains.Abstractions.Repositories;

namespace GitOpsGrains.Grains.Applications;

/// <summary>Where the objects come from.</summary>
public sealed partial class ApplicationGrain
{
    public async Task<BlameAnswer> BlameAsync(ObjectReference? only, int offset, int limit, CancellationToken cancellationToken)
    {
        RequireDocument();
        if (_state.State.Rendered is not { } rendered) throw new GrainRefusedException(RefusalKind.Conflict, $"application {Key} was never rendered");
        var subject = rendered.ToSubject();
        return await Repository(subject.Home).BlameAsync(new BlameOrder { Subject = subject, Object = only, Offset = offset, Limit = limit }, cancellationToken);
    }
}
