using System.Net.Http.Headers;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Connection;

/// <summary>REST under <c>/api/v1</c>. Errors: <see cref="CliException"/> with the problem's own words.</summary>
internal sealed class FleetClient : IDisposable
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);
    private readonly ServerSettings _server;
    private readonly HttpClient _http;

    public FleetClient(ServerSettings server, TimeProvider time)
    {
        (_server, Time) = (server, time);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        _http = new HttpClient(handler) { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("gitopsctl", typeof(FleetClient).Assembly.GetName().Version?.ToString(3)));
        if (server.Token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
    }

    public TimeProvider Time { get; }

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => GetAsync<T>(path, RequestTimeout, cancellationToken);

    /// <param name="timeout">For answers that wait for clusters.</param>
    public async Task<T> GetAsync<T>(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), timeout, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>Null when there is no such thing.</summary>
    public async Task<T?> FindAsync<T>(string path, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await GetAsync<T>(path, cancellationToken);
        }
        catch (CliException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>All pages of something, at least one.</summary>
    /// <param name="next">The token of the page behind one.</param>
    /// <param name="what">For the error of a server that never comes to an end.</param>
    public async Task<IReadOnlyList<T>> GetPagesAsync<T>(string path, Func<T, string?> next, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var (pages, token) = (new List<T>(), (string?)null);
        do
        {
            var page = await GetAsync<T>(Routes.And(path, ("continue", token)), timeout, cancellationToken);
            if (next(page) == token && token is not null) throw new CliException($"the server repeats a page of the {what}");
            pages.Add(page);
            token = next(page);
        }
        while (!string.IsNullOrEmpty(token));
        return pages;
    }

    /// <summary>Hands on an answer's text as it comes. One that breaks off is an error: what came of it is not all.</summary>
    public async Task CopyAsync(string path, string mediaType, Action<string> write, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        using var response = await SendAsync(request, timeout, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != mediaType) throw NotUnderstood();
        try
        {
            using var text = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            var buffer = new char[16 * 1024];
            for (int read; (read = await text.ReadAsync(buffer, cancellationToken)) > 0;) write(new string(buffer, 0, read));
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw new CliException($"the answer of {_server.Address} broke off; what was shown is not all", inner: broken);
        }
    }

    public async Task<T> PostAsync<T>(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, RequestTimeout, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>Starts something; null when it is done already, else the operation's id.</summary>
    public async Task<string?> StartAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var response = await SendCommandAsync(method, path, body, cancellationToken);
        return OperationOf(response);
    }

    /// <summary>As <see cref="StartAsync"/>, with what the server says of the operation; its id is "" when it is done already.</summary>
    public async Task<OperationView> CommandAsync(string path, object? body, CancellationToken cancellationToken)
    {
        using var response = await SendCommandAsync(HttpMethod.Post, path, body, cancellationToken);
        return (await ReadAsync<OperationView>(response, cancellationToken)) with { Id = OperationOf(response) ?? "" };
    }

    private async Task<HttpResponseMessage> SendCommandAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonBody(body);
        return await SendAsync(request, RequestTimeout, cancellationToken);
    }

    private static string? OperationOf(HttpResponseMessage response) => response.Headers.Location is { } location
        ? Uri.UnescapeDataString(location.OriginalString.Split('?')[0].TrimEnd('/').Split('/')[^1])
        : null;

    /// <summary>Opens a stream of server-sent events; null when the server has no such stream.</summary>
    /// <param name="lastEventId">Where a stream before it broke off. Errors: a <see cref="CliException"/> of status 410 when that is too old.</param>
    public async Task<HttpResponseMessage?> OpenStreamAsync(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (!string.IsNullOrEmpty(lastEventId)) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        try
        {
            var response = await SendAsync(request, RequestTimeout, cancellationToken);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream") return response;
            response.Dispose();
            return null;
        }
        catch (CliException missing) when (missing.Status is 404 or 405 or 406 or 501)
        {
            return null;
        }
    }

    public static HttpContent JsonBody(object body)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), DocumentJson.Rest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            request.RequestUri = new Uri(_server.Address, request.RequestUri!);
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode) return response;
            using (response) throw await Problems.ReadAsync(response, _server, limit.Token);
        }
        catch (HttpRequestException unreachable)
        {
            throw Problems.Unreachable(_server, unreachable);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"{_server.Address} did not answer within {Durations.Format(timeout)}", ExitCodes.TimedOut, inner: late);
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync<T>(stream, DocumentJson.Rest, cancellationToken) ?? throw new JsonException("null");
        }
        catch (JsonException broken)
        {
            throw NotUnderstood(broken);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw new CliException($"the answer of {_server.Address} broke off", inner: broken);
        }
    }

    private CliException NotUnderstood(Exception? broken = null) =>
        new($"{_server.Address} answered with something that is not understood", hint: "is this the address of a GitOpsGrains server?", inner: broken);
}
