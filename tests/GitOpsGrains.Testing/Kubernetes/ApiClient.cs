using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace GitOpsGrains.Testing.Kubernetes;

/// <summary>
/// A raw client of an API server, for what other people do to a cluster: plain requests with no code of the product.
/// Paths are absolute ("/api/v1/namespaces/x"). All methods fail with the server's answer in the message unless it is a success.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private const string Json = "application/json";

    private readonly HttpClient _http;
    private readonly string _prefix;

    public ApiClient(Uri url, string token, string caFile)
    {
        // A server may live below a path of its address.
        _prefix = url.AbsolutePath.TrimEnd('/');
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } })
        {
            BaseAddress = url,
            DefaultRequestVersion = HttpVersion.Version20,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path)
    {
        using var answer = await _http.GetAsync(_prefix + path);
        return answer.StatusCode;
    }

    public Task<JsonElement> GetJsonAsync(string path) => SendAsync(HttpMethod.Get, path, null, Json);

    /// <summary>In another form than an object: "application/json;as=Table;v=v1;g=meta.k8s.io".</summary>
    public async Task<JsonElement> GetJsonAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _prefix + path) { Version = HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _http.SendAsync(request);
        return await ReadAsync(answer);
    }

    /// <summary>The object, or null where there is none.</summary>
    public async Task<JsonElement?> FindJsonAsync(string path)
    {
        using var answer = await _http.GetAsync(_prefix + path);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(answer);
    }

    public async Task<string> GetTextAsync(string path) => await _http.GetStringAsync(_prefix + path);

    public Task<JsonElement> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json, Json);

    public Task<JsonElement> PutAsync(string path, string json) => SendAsync(HttpMethod.Put, path, json, Json);

    /// <summary>A merge patch by default; give "application/json-patch+json" or the strategic kind otherwise.</summary>
    public Task<JsonElement> PatchAsync(string path, string patch, string contentType = "application/merge-patch+json", string manager = "kubectl-edit") =>
        SendAsync(HttpMethod.Patch, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}fieldManager={manager}", patch, contentType);

    /// <summary>Server-side apply in another manager's name. JSON is YAML too.</summary>
    public Task<JsonElement> ApplyAsync(string path, string json, string manager = "rogue", bool force = true, bool dryRun = false) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}{(dryRun ? "&dryRun=All" : "")}", json, "application/apply-patch+yaml");

    public Task<JsonElement> DeleteAsync(string path, string? options = null) => SendAsync(HttpMethod.Delete, path, options, Json);

    /// <summary>Creates the namespace unless it is there.</summary>
    public Task CreateNamespaceAsync(string name) =>
        ApplyAsync($"/api/v1/namespaces/{name}", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""", "test");

    /// <summary>The events of a watch ("…/configmaps?watch=true&amp;resourceVersion=1"), until it is cancelled.</summary>
    public async IAsyncEnumerable<JsonElement> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _prefix + path) { Version = HttpVersion.Version20 };
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line) yield return JsonDocument.Parse(line).RootElement;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body, string contentType)
    {
        using var request = new HttpRequestMessage(method, _prefix + path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        using var answer = await _http.SendAsync(request);
        return await ReadAsync(answer);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.PathAndQuery}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(body)}", null, answer.StatusCode);
        return JsonDocument.Parse(body).RootElement;
    }
}
