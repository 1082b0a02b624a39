using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;

namespace GitOpsGrains.Grains.Credentials;

/// <summary>
/// All RepositoryCredentials, at hand on this silo: a poll asks no grain for them. They are told anew before a change is
/// acknowledged, and asked for anew when they are <see cref="MaxAge"/> old, which bounds what can be missed where telling failed.
/// From any thread of the silo.
/// </summary>
internal sealed class CredentialTemplates : ICredentialTemplates, ITemplateFollower
{
    /// <summary>The shortest interval of polls.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private readonly Func<ITemplateFollower, string, Task<TemplateList?>> _follow;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private TemplateSnapshot? _current;
    private long _askedAt;
    private long _replaced;
    private Task<TemplateSnapshot>? _asking;

    public CredentialTemplates(IGrainFactory grains, TimeProvider time)
        : this(Following(grains), time)
    {
    }

    /// <param name="follow">As <see cref="IRepositoryCredentialsGrain.FollowAsync"/>.</param>
    internal CredentialTemplates(Func<ITemplateFollower, string, Task<TemplateList?>> follow, TimeProvider time) => (_follow, _time) = (follow, time);

    public async Task<RepositoryCredentialsSpec?> FindAsync(string url, CancellationToken cancellationToken)
    {
        var known = CurrentOrAsking(out var asking);
        return (known ?? await asking!.WaitAsync(cancellationToken)).Find(url)?.Spec;
    }

    public Task ReplaceAsync(TemplateList templates)
    {
        lock (_lock)
        {
            _replaced++;
            _current = new TemplateSnapshot(templates);
        }
        return Task.CompletedTask;
    }

    /// <summary>The grain is given one reference, however often it is asked.</summary>
    private static Func<ITemplateFollower, string, Task<TemplateList?>> Following(IGrainFactory grains)
    {
        ITemplateFollower? reference = null;
        return (self, version) => grains.GetGrain<IRepositoryCredentialsGrain>(0).FollowAsync(reference ??= grains.CreateObjectReference<ITemplateFollower>(self), version);
    }

    private TemplateSnapshot? CurrentOrAsking(out Task<TemplateSnapshot>? asking)
    {
        lock (_lock)
        {
            asking = null;
            if (_current is not null && _time.GetElapsedTime(_askedAt) < MaxAge) return _current;
            if (_asking is null or { IsCompleted: true }) _asking = Task.Run(AskAsync, CancellationToken.None);
            asking = _asking;
            return null;
        }
    }

    private async Task<TemplateSnapshot> AskAsync()
    {
        var (asked, replaced) = (_time.GetTimestamp(), Interlocked.Read(ref _replaced));
        var list = await _follow(this, _current?.Version ?? "none");
        lock (_lock)
        {
            // News may overtake the answer, and are newer.
            if (list is not null && replaced == _replaced) _current = new TemplateSnapshot(list);
            _askedAt = asked;
            return _current!;
        }
    }
}
