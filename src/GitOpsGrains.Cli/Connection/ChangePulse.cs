using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>Tells when an application may have changed: one event, or a time without any.</summary>
internal sealed class ChangePulse(EventStream stream, ChangeFilter filter, CancellationToken cancellationToken)
{
    private readonly IAsyncEnumerator<WatchEventView> _events = stream.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    private Task<bool>? _next;

    /// <summary>False when the stream has ended.</summary>
    public async Task<bool> NextAsync(TimeProvider time, TimeSpan most)
    {
        var quiet = Task.Delay(most, time, cancellationToken);
        while (true)
        {
            _next ??= _events.MoveNextAsync().AsTask();
            if (await Task.WhenAny(_next, quiet) == quiet)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return true;
            }

            if (!await _next) return false;
            _next = null;
            if (filter.Takes(_events.Current)) return true;
        }
    }
}
