using System.Net.Http.Headers;
using System.Text.Json;
using GitOpsGrains.Engine.Clusters;
using GitOpsGrains.Kubernetes.Answers;
using GitOpsGrains.Kubernetes.Budget;
using GitOpsGrains.Kubernetes.Connections;
using GitOpsGrains.Kubernetes.Connections.Credentials;
using GitOpsGrains.Kubernetes.Hosting;

namespace GitOpsGrains.Kubernetes.Requests;

/// <summary>
/// Sends requests through the cluster's breaker and budget and classifies what comes back. Never throws for what a server
/// or network does. A 429 is sent again in its turn (the server did nothing), a 401 once with renewed credentials; nothing
/// else is repeated here.
/// </summary>
internal sealed class RequestSender(
    HttpClient http, ClusterEndpoint endpoint, RequestBudget budget, CircuitBreaker breaker, KubernetesOptions options, TimeProvider time)
{
    private const int ErrorBytes = 64 * 1024;
    private const int Attempts = 4;

    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);

    private readonly HttpProtocol _protocol = new(endpoint.Server);
    private readonly RunningWrites _writes = new();

    /// <summary>Completes when no write is under way, at the latest when they have had their time.</summary>
    public async Task WritesEndAsync()
    {
        try
        {
            await _writes.WhenNone.WaitAsync(options.WriteGrace, time);
        }
        catch (TimeoutException)
        {
            // They are cut off.
        }
    }

    public Task<ClusterAnswer<T>> SendAsync<T>(ClusterRequest request, AnswerReader<T> read, CancellationToken cancellationToken)
        where T : class =>
        RunAsync(request, (response, deadline) => ReadAsync(response, read, deadline), cancellationToken);

    /// <summary>Sends it and hands out the answer's stream; its turn in the budget ends with the headers.</summary>
    public Task<ClusterAnswer<HttpResponseMessage>> OpenAsync(ClusterRequest request, CancellationToken cancellationToken) =>
        RunAsync(request, static (response, _) => Task.FromResult<ClusterAnswer<HttpResponseMessage>>(response), cancellationToken);

    private async Task<ClusterAnswer<T>> RunAsync<T>(
        ClusterRequest request, Func<HttpResponseMessage, CancellationToken, Task<ClusterAnswer<T>>> handle, CancellationToken cancellationToken)
        where T : class
    {
        var renewed = false;
        for (var attempt = 1; ; attempt++)
        {
            if (!request.IsProbe && breaker.Refusal is { } refusal) return refusal;
            using var slot = request.IsProbe ? null : await budget.AcquireAsync(request.Lane, cancellationToken);
            if (request.MaySend?.Invoke() == false) return new ClusterError(ClusterErrorKind.Conflict, 0, "not sent: what it is based on is too old, or holds no more");
            // The circuit may have opened while the request waited for its turn.
            if (!request.IsProbe && breaker.Enter() is { } late) return late;
            var (answer, used) = await AttemptAsync(request, handle, cancellationToken);
            Settle(slot, answer.Error);
            KubernetesInstruments.Answered(request.Method, answer.Error);
            if (answer.Error is null) return answer;
            if (answer.Error.Kind == ClusterErrorKind.TooManyRequests && attempt < Attempts && !request.IsProbe) continue;
            if (answer.Error is not { Kind: ClusterErrorKind.Unauthorized, StatusCode: 401 } || renewed) return answer;
            if (used is null || !endpoint.Credentials.Renew(used)) return answer;
            renewed = true;
        }
    }

    private async Task<(ClusterAnswer<T> Answer, Credential? Used)> AttemptAsync<T>(
        ClusterRequest request, Func<HttpResponseMessage, CancellationToken, Task<ClusterAnswer<T>>> handle, CancellationToken cancellationToken)
        where T : class
    {
        Credential? credential = null;
        using var deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var writing = request.IsWrite ? _writes.Enter() : null;
        try
        {
            credential = await endpoint.Credentials.GetAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            deadline.CancelAfter(options.HeadersTimeout);
            using var given = cancellationToken.UnsafeRegister(_ => GiveUp(request, deadline), null);
            var response = await SendOnceAsync(request, credential, deadline.Token);
            if (!cancellationToken.IsCancellationRequested) deadline.CancelAfter(options.BodyTimeout);
            return (await ReadAnswerAsync(request, response, handle, deadline.Token), credential);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            breaker.Abandon();
            throw;
        }
        catch (OperationCanceledException exception)
        {
            return (FailureClassifier.TimedOut(TimeoutMessage(exception)), credential);
        }
        catch (CredentialException exception)
        {
            return (new ClusterError(ClusterErrorKind.Unauthorized, 0, exception.Message), credential);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (FailureClassifier.Unreachable(exception), credential);
        }
    }

    private async Task<ClusterAnswer<T>> ReadAnswerAsync<T>(
        ClusterRequest request, HttpResponseMessage response, Func<HttpResponseMessage, CancellationToken, Task<ClusterAnswer<T>>> handle, CancellationToken deadline)
        where T : class
    {
        if (response.IsSuccessStatusCode) return await handle(response, deadline);
        using (response)
        {
            using var body = await AnswerBody.ReadAsync(response.Content, ErrorBytes, deadline);
            return AnswerClassifier.Classify((int)response.StatusCode, StatusDocument.Parse(body.Span), RetryAfter(response), request.Mask);
        }
    }

    private async Task<ClusterAnswer<T>> ReadAsync<T>(HttpResponseMessage response, AnswerReader<T> read, CancellationToken deadline)
        where T : class
    {
        using (response)
        {
            using var body = await AnswerBody.ReadAsync(response.Content, options.MaxAnswerBytes, deadline);
            var status = (int)response.StatusCode;
            if (body.IsCut) return FailureClassifier.Malformed(status, $"the answer is larger than {options.MaxAnswerBytes} bytes");
            try
            {
                return read(body.Span);
            }
            catch (JsonException exception)
            {
                return FailureClassifier.Malformed(status, $"the answer is not what was asked for (line {exception.LineNumber}, byte {exception.BytePositionInLine})");
            }
            catch (InvalidOperationException)
            {
                return FailureClassifier.Malformed(status, "the answer holds a string that is not Unicode");
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ClusterRequest request, Credential credential, CancellationToken cancellationToken)
    {
        try
        {
            using var message = BuildMessage(request, credential);
            var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            _protocol.Proven();
            return response;
        }
        catch (HttpRequestException exception) when (_protocol.TryFallBack(exception))
        {
            using var message = BuildMessage(request, credential);
            return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }

    private HttpRequestMessage BuildMessage(ClusterRequest request, Credential credential)
    {
        var message = new HttpRequestMessage(request.Method, endpoint.Address + request.Path);
        _protocol.Apply(message);
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.Authorization = credential.Header;
        if (endpoint.TlsServerName is not null) message.Headers.Host = endpoint.TlsServerName;
        foreach (var (name, value) in endpoint.Impersonation) message.Headers.TryAddWithoutValidation(name, value);
        if (request.ContentType is null) return message;
        message.Content = new ReadOnlyMemoryContent(request.Body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        return message;
    }

    private void Settle(RequestBudget.Slot? slot, ClusterError? error)
    {
        breaker.Record(error);
        switch (error?.Kind)
        {
            case null:
                slot?.Succeed();
                break;
            case ClusterErrorKind.TooManyRequests:
                slot?.Overload(Min(error.RetryAfter ?? DefaultRetryAfter, LongestRetryAfter));
                break;
            case ClusterErrorKind.TimedOut:
                slot?.Overload(null);
                break;
            case ClusterErrorKind.Unavailable when error.RetryAfter is { } wait:
                slot?.Overload(Min(wait, LongestRetryAfter));
                break;
            default:
                slot?.Dispose();
                break;
        }
    }

    private string TimeoutMessage(OperationCanceledException exception) => exception.InnerException is TimeoutException
        ? $"no connection to {endpoint.Server.Authority} within {options.ConnectTimeout.TotalSeconds:0.#} s"
        : $"{endpoint.Server.Authority} gave no answer in time ({options.HeadersTimeout.TotalSeconds:0.#} s to begin it, {options.BodyTimeout.TotalSeconds:0.#} s to end it)";

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private void GiveUp(ClusterRequest request, CancellationTokenSource deadline)
    {
        if (request.IsWrite) deadline.CancelAfter(options.WriteGrace);
        else deadline.Cancel();
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
