using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Applications;
using GitOpsGrains.Abstractions.Catalog;
using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.Engine.Manifests;
using GitOpsGrains.Engine.Policy;
using GitOpsGrains.Grains.Manifests;
using GitOpsGrains.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace GitOpsGrains.Grains.Repositories;

/// <inheritdoc cref="IRepositoryGrain"/>
[GrainType("repository")]
[KeepAlive]
public sealed partial class RepositoryGrain : Grain, IRepositoryGrain, IRepositoryListener
{
    private readonly IPersistentState<RepositoryState> _state;
    private readonly IGitMirrors _git;
    private readonly IGitHistory _history;
    private readonly IGitWriter _writer;
    private readonly GitOpsGrainsOptions _options;
    private readonly GitRequests _requests;
    private readonly RevisionVerifier _verifier;
    private readonly ISecretReader _secrets;
    private readonly Waker _waker;
    private readonly TimeProvider _time;
    private readonly ILogger<RepositoryGrain> _logger;
    private readonly Subscriptions _subscriptions = new();
    private readonly RepositoryRenders _renders;
    private readonly StoredSubscribers _subscribers;
    private readonly SharedWrites _writes;
    private readonly CoalescingTask _poll;
    private readonly CancellationTokenSource _stopping = new();

    private IGrainTimer? _timer;
    private RepositoryListing _listing = RepositoryListing.None;
    private Condition? _condition;
    private long _changedAt;
    private int _failures;

    public RepositoryGrain(
        [PersistentState("repository")] IPersistentState<RepositoryState> state, IGitMirrors git, IGitHistory history, IGitWriter writer,
        GitRequests requests, RevisionVerifier verifier, ISecretReader secrets, Waker waker,
        IRenderer renderer, ManifestLibrary sets, IGrainContext context, IOptions<GitOpsGrainsOptions> options, TimeProvider time, ILogger<RepositoryGrain> logger)
    {
        (_state, _git, _history, _writer, _time, _logger) = (state, git, history, writer, time, logger);
        _options = options.Value;
        (_requests, _verifier, _secrets, _waker) = (requests, verifier, secrets, waker);
        _renders = new RepositoryRenders(renderer, sets, time);
        _poll = new CoalescingTask(PollAsync);
        _subscribers = new StoredSubscribers(context.ActivationServices.GetRequiredKeyedService<IGrainStorage>("Default"), context.GrainId, () => state.State);
        _writes = new SharedWrites(WriteAsync);
        _changedAt = time.GetTimestamp();
    }

    private string Name => this.GetPrimaryKeyString();

    private RepositoryDocument? Document => _state.State.Document;

    private RepositoryAccess Access => RepositoryAccess.Of(Name, Document!.Spec, AccessTimeout);

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _subscribers.LoadAsync();

    public async Task<Change> PutAsync(RepositoryDocument document)
    {
        var before = Document;
        if (before is not null && DocumentJson.Same(before, document))
        {
            // The same before this may have failed after it was stored.
            await WakeAsync();
            await EnterAddressAsync(AddressOf(document));
            return Change.Unchanged;
        }
        // Entered before and left after the document is stored: what is stored is always found.
        await EnterAddressAsync(AddressOf(document));
        var verified = _state.State.Verified;
        _state.State.Document = document;
        if (!Verifies(document) || before?.Spec.Url != document.Spec.Url) _state.State.Verified = new(StringComparer.Ordinal);
        // What was verified is what the next commits are measured by: a refused change may not lower the bar.
        await StoreAsync().OrUndoAsync(() => (_state.State.Document, _state.State.Verified) = (before, verified));
        if (before?.Spec.Url != document.Spec.Url) (_listing, _condition, _failures) = (RepositoryListing.None, null, 0);
        Schedule(TimeSpan.Zero);
        if (AddressOf(before) != AddressOf(document)) await LeaveAddressAsync(AddressOf(before));
        return before is null ? Change.Created : Change.Configured;
    }

    public async Task DeleteAsync()
    {
        RefuseWhileUsed();
        _isDeleting = true;
        try
        {
            await _writes.EndedAsync();
            // One that was leaving may have been put back.
            RefuseWhileUsed();
            _timer?.Dispose();
            _timer = null;
            await LeaveAddressAsync(AddressOf(Document));
            await _subscribers.ClearAsync();
            await _state.ClearStateAsync();
        }
        finally
        {
            _isDeleting = false;
        }
        await _git.RemoveAsync(Name, CancellationToken.None);
        DeactivateOnIdle();
    }

    private void RefuseWhileUsed()
    {
        if (_subscribers.Count > 0)
            throw new GrainRefusedException(RefusalKind.Conflict,
                $"repository {Name} is used by {string.Join(", ", _subscribers.Names.Order(StringComparer.Ordinal).Take(5))}; delete or change these applications first");
    }

    public Task<RepositoryView?> GetAsync() => Task.FromResult(Document is null ? null : new RepositoryView
    {
        Metadata = Document.Metadata,
        Spec = Document.Spec,
        Status = new RepositoryStatusView
        {
            State = _condition?.Type ?? (_listing.ReadAt is null ? "Unknown" : "Ready"),
            Message = _condition?.Message ?? "",
            LastPoll = _listing.ReadAt,
            Refs = _listing.Followed.ToDictionary(found => found.Name, found => found.Commit),
            Applications = _subscribers.Count,
            Conditions = _condition is null ? [] : [ConditionViews.Of(_condition)],
        },
    });

    public async Task WakeAsync()
    {
        if (Document is null)
        {
            DeactivateOnIdle();
            return;
        }
        if (_timer is not null) return;
        Schedule(TimeSpan.Zero);
        await EnterAddressAsync(AddressOf(Document));
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        RequireDocument();
        await _poll.RunFreshAsync(cancellationToken);
    }

    public Task SettleAsync(string application, string tree, IReadOnlyList<string> except)
    {
        _subscriptions.Find(application)?.Settle(tree, except);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> UnsettledAsync(string cluster) => Task.FromResult<IReadOnlyList<string>>(
        [.. _subscribers.On(cluster).Where(application => !_subscriptions.IsSettled(application, cluster))]);

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var isNeeded = Document is not null;
        await _stopping.CancelAsync();
        _timer?.Dispose();
        _pushed?.Dispose();
        if (isNeeded) _waker.WakeSuccessor(reason, CatalogKind.Repository, Name);
    }

    private void RequireDocument()
    {
        if (Document is null) throw new GrainRefusedException(RefusalKind.NotFound, $"there is no repository {Name}");
    }

    private void Schedule(TimeSpan due)
    {
        _timer?.Dispose();
        _timer = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions
        {
            DueTime = due,
            Period = Timeout.InfiniteTimeSpan,
            KeepAlive = true,
            Interleave = true,
        });
    }
}
