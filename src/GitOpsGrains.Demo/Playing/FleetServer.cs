using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GitOpsGrains.Documents.Json;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Demo.Playing;

/// <summary>REST of the server that the demo is played on: what its users have, and nothing more. Errors: <see cref="DemoException"/>.</summary>
internal sealed class FleetServer : IDisposable
{
    private readonly HttpClient _http;

    public FleetServer(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Task ApplyAsync(string documents, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, "api/v1/apply") { Content = new StringContent(documents, Encoding.UTF8, "application/yaml") }, cancellationToken);

    public async Task<IReadOnlyList<ApplicationView>> ApplicationsAsync(CancellationToken cancellationToken) =>
        (await GetAsync<ListView<ApplicationView>>("api/v1/applications?limit=100", cancellationToken)).Items;

    /// <summary>Asks Git now.</summary>
    public Task RefreshAsync(string application, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, $"api/v1/applications/{application}:refresh"), cancellationToken);

    /// <summary>Nobody has stored a document.</summary>
    public async Task<bool> IsEmptyAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in new[] { "repositories", "clusters", "applications" })
            if ((await GetAsync<ListView<JsonElement>>($"api/v1/{kind}?limit=1", cancellationToken)).Items.Count > 0) return false;
        return true;
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var answer = await AnswerAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(DocumentJson.Rest, cancellationToken) ?? throw new DemoException($"the server has no answer to {path}");
    }

    private async Task SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => (await AnswerAsync(request, cancellationToken)).Dispose();

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                var answer = await _http.SendAsync(request, cancellationToken);
                if (answer.IsSuccessStatusCode) return answer;
                using (answer) throw new DemoException($"the server refuses {request.Method} {request.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
            catch (HttpRequestException unreachable)
            {
                throw new DemoException($"the server does not answer {request.Method} {request.RequestUri}: {unreachable.Message}", unreachable);
            }
        }
    }
}
