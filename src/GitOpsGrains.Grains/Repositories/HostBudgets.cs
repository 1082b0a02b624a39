using System.Collections.Concurrent;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.Options;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>The budgets of all Git servers, shared by the repositories of this silo. Repositories on disk have none.</summary>
public sealed class HostBudgets(IOptions<GitOpsGrainsOptions> options, TimeProvider time) : IServerBudgets
{
    private const string OnDisk = "file:";

    private readonly ConcurrentDictionary<string, HostBudget> _budgets = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>Takes the place of a poll; returns how long to wait for it.</summary>
    public TimeSpan TakePoll(string url) => With(url, static (budget, now) => budget.TakePoll(now));

    public async Task WaitUrgentAsync(string url, CancellationToken cancellationToken)
    {
        var wait = With(url, static (budget, now) => budget.TakeUrgent(now));
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
    }

    public TimeSpan PausedFor(string url) => With(url, static (budget, now) => budget.PausedFor(now));

    public void Pause(string url, TimeSpan length) => With(url, (budget, now) =>
    {
        budget.Pause(now, length);
        return TimeSpan.Zero;
    });

    private TimeSpan With(string url, Func<HostBudget, TimeSpan, TimeSpan> use)
    {
        if (RepositoryAddress.Of(url)?.Split('/')[0] is not { } host || host == OnDisk) return TimeSpan.Zero;
        var budget = _budgets.GetOrAdd(host, static (_, settings) => new HostBudget(settings.GitRequestsPerSecond, settings.GitRequestBurst), options.Value);
        lock (budget) return use(budget, time.GetElapsedTime(_start));
    }
}
