using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Engine.Policy;

namespace GitOpsGrains.Grains.Repositories;

/// <summary>News from webhooks: where they find this repository, and what they bring about.</summary>
public sealed partial class RepositoryGrain
{
    /// <summary>Of 600 pieces of news in a second the first brings about a poll at once, and all others together one after it.</summary>
    private static readonly TimeSpan PushPause = TimeSpan.FromSeconds(1);

    private IGrainTimer? _pushed;
    private long? _pushAnsweredAt;

    public Task OnPushedAsync(string address)
    {
        // The index may name a repository that has another URL by now.
        if (_pushed is not null || AddressOf(Document) != address) return Task.CompletedTask;
        var wait = _pushAnsweredAt is { } before ? PushPause - _time.GetElapsedTime(before) : TimeSpan.Zero;
        var paused = _requests.Budgets.PausedFor(Document!.Spec.Url);
        if (paused > HostBudget.LongestUrgentPause) paused = HostBudget.LongestUrgentPause;
        if (paused > wait) wait = paused;
        _pushed = this.RegisterGrainTimer(AnswerPushAsync, new GrainTimerCreationOptions(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan)
        {
            Interleave = true,
            KeepAlive = true,
        });
        return Task.CompletedTask;
    }

    public async Task<WebhookSecret?> GetWebhookSecretAsync(CancellationToken cancellationToken)
    {
        if (Document?.Spec is not { Webhook.SecretFrom: { } reference, Url: var url }) return null;
        try
        {
            return new WebhookSecret { Value = await _secrets.ReadAsync(reference, SecretPurpose.Webhook, url, cancellationToken) };
        }
        catch (SecretException failure)
        {
            return new WebhookSecret { Fault = failure.Message };
        }
    }

    private async Task AnswerPushAsync(CancellationToken cancellationToken)
    {
        _pushed?.Dispose();
        // News that come while the server is being asked may be of later commits: they are answered by another poll.
        (_pushed, _pushAnsweredAt) = (null, _time.GetTimestamp());
        _insists = true;
        await _poll.RunFreshAsync(_stopping.Token);
    }

    private static string? AddressOf(RepositoryDocument? document) => document is null ? null : RepositoryAddress.Of(document.Spec.Url);

    private Task EnterAddressAsync(string? address) =>
        address is null ? Task.CompletedTask : GrainFactory.GetGrain<IRepositoryAddressGrain>(RepositoryAddress.KeyOf(address)).AddAsync(Name);

    private Task LeaveAddressAsync(string? address) =>
        address is null ? Task.CompletedTask : GrainFactory.GetGrain<IRepositoryAddressGrain>(RepositoryAddress.KeyOf(address)).RemoveAsync(Name);
}
