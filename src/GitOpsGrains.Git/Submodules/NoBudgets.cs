using GitOpsGrains.Abstractions.Ports.Git;

namespace GitOpsGrains.Git.Submodules;

/// <summary>A host that limits no requests.</summary>
internal sealed class NoBudgets : IServerBudgets
{
    public Task WaitUrgentAsync(string url, CancellationToken cancellationToken) => Task.CompletedTask;

    public TimeSpan PausedFor(string url) => TimeSpan.Zero;

    public void Pause(string url, TimeSpan length)
    {
        // Nobody heeds it here.
    }
}
