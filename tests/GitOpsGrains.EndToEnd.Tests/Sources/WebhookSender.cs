using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>Sends what the Git servers send, in the shapes that they document, signed as they sign.</summary>
public sealed class WebhookSender(Uri url, TimeProvider time) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = url };

    public static string PushOf(string provider, string repository) => provider switch
    {
        "github" => $$"""
            {"ref":"refs/heads/main","before":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","after":"0000000000000000000000000000000000000001","created":false,"deleted":false,"forced":false,
             "repository":{"id":186853002,"name":"web","full_name":"Codertocat/web","private":false,"owner":{"name":"Codertocat","login":"Codertocat"},
              "html_url":"https://github.example.com/Codertocat/web","url":"https://github.example.com/Codertocat/web","git_url":"git://github.example.com/Codertocat/web.git",
              "ssh_url":"git@github.example.com:Codertocat/web.git","clone_url":"{{repository}}","default_branch":"main"},
             "pusher":{"name":"Codertocat","email":"c@example.com"},"commits":[{"id":"0000000000000000000000000000000000000001","message":"Change","added":[],"removed":[],"modified":["app/one.yaml"]}]}
            """,
        "gitlab" => $$"""
            {"object_kind":"push","event_name":"push","before":"95790bf891e76fee5e1747ab589903a6a1f80f22","after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","ref":"refs/heads/main","user_username":"jsmith","project_id":15,
             "project":{"id":15,"name":"Diaspora","web_url":"http://gitlab.example.com/mike/diaspora","git_ssh_url":"git@gitlab.example.com:mike/diaspora.git","git_http_url":"{{repository}}","namespace":"Mike","visibility_level":0,"path_with_namespace":"mike/diaspora","default_branch":"main"},
             "repository":{"name":"Diaspora","url":"git@gitlab.example.com:mike/diaspora.git","homepage":"http://gitlab.example.com/mike/diaspora","git_http_url":"{{repository}}","git_ssh_url":"git@gitlab.example.com:mike/diaspora.git","visibility_level":0},
             "commits":[],"total_commits_count":0}
            """,
        "gitea" => $$"""
            {"ref":"refs/heads/main","before":"28e1879d029cb852e4844d9c718537df08844e03","after":"bffeb74224043ba2feb48d137756c8a9331c449a","compare_url":"http://localhost:3000/gitea/webhooks/compare/a...b","commits":[],
             "repository":{"id":140,"owner":{"id":1,"login":"gitea"},"name":"webhooks","full_name":"gitea/webhooks","private":false,"html_url":"http://localhost:3000/gitea/webhooks","ssh_url":"ssh://gitea@localhost:2222/gitea/webhooks.git","clone_url":"{{repository}}","default_branch":"main"},
             "pusher":{"id":1,"login":"gitea"} }
            """,
        "bitbucket" => $$"""
            {"push":{"changes":[{"new":{"type":"branch","name":"main","target":{"type":"commit","hash":"709d658dc5b6d6afcd46049c2f332ee3f515a67d"} },"created":false,"forced":false,"closed":false}]},
             "actor":{"display_name":"Emma","type":"user"},
             "repository":{"type":"repository","full_name":"team/web","name":"web","uuid":"{b0d3b5d3-0000-0000-0000-000000000000}","scm":"git","links":{"self":{"href":"https://api.bitbucket.org/2.0/repositories/team/web"},"html":{"href":"{{repository[..^4]}}"},"avatar":{"href":"https://bitbucket.org/avatar"} } } }
            """,
        "azuredevops" => $$"""
            {"subscriptionId":"00000000-0000-0000-0000-000000000000","notificationId":3,"id":"03c164c2-8912-4d5e-8009-3707d5f83734","eventType":"git.push","publisherId":"tfs",
             "resource":{"commits":[],"refUpdates":[{"name":"refs/heads/main","oldObjectId":"aad331d8d3b131fa9ae03cf5e53965b51942618a","newObjectId":"33b55f7cb7e7e245323987634f960cf4a6e6bc74"}],
              "repository":{"id":"278d5cd2-584d-4b63-824a-2ba458937249","name":"Fabrikam","url":"https://fabrikam.example.com/_apis/git/repositories/278d5cd2","project":{"id":"6ce954b1","name":"Fabrikam","state":"wellFormed"},"defaultBranch":"refs/heads/main","remoteUrl":"{{repository}}"},
              "pushedBy":{"displayName":"Jamal"},"pushId":14,"date":"2014-05-02T19:17:13.3309587Z"},
             "resourceVersion":"1.0","createdDate":"2026-01-01T00:00:00.000Z"}
            """,
        _ => $$"""{"repository":{"url":"{{repository}}"} }""",
    };

    public static string EventOf(string provider) => provider switch
    {
        "github" or "gitea" => "push",
        "gitlab" => "Push Hook",
        "bitbucket" => "repo:push",
        _ => "",
    };

    /// <summary>A push to the repository, signed; every delivery has a number of its own unless one is given.</summary>
    /// <param name="own">Name of the repository whose own secret it is signed with.</param>
    public Task<WebhookAnswer> PushAsync(string provider, string repository, string? secret = null, string? delivery = null, string? own = null) =>
        SendAsync(provider, PushOf(provider, repository), EventOf(provider), secret, delivery, own: own);

    public async Task<WebhookAnswer> SendAsync(
        string provider, string body, string news, string? secret = null, string? delivery = null, Action<HttpRequestMessage>? change = null, string? own = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, own is null ? $"/webhooks/{provider}" : $"/webhooks/{provider}/{own}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Sign(request, provider, body, news, secret ?? GitFleet.SecretOf(provider), delivery ?? Guid.NewGuid().ToString());
        change?.Invoke(request);
        return await SendAsync(request);
    }

    public async Task<WebhookAnswer> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request);
        return new WebhookAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(),
            string.Join("\n", answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(",", header.Value)}")));
    }

    public static string Hmac(string secret, string message) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(message)));

    public void Dispose() => _http.Dispose();

    private void Sign(HttpRequestMessage request, string provider, string body, string news, string secret, string delivery)
    {
        var seconds = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        (string Name, string Value)[] headers = provider switch
        {
            "github" => [("X-GitHub-Event", news), ("X-GitHub-Delivery", delivery), ("X-Hub-Signature-256", "sha256=" + Hmac(secret, body))],
            "gitlab" => [("X-Gitlab-Event", news), ("X-Gitlab-Event-UUID", delivery), ("X-Gitlab-Token", secret)],
            "gitea" => [("X-Gitea-Event", news), ("X-Gitea-Delivery", delivery), ("X-Gitea-Signature", Hmac(secret, body))],
            "bitbucket" => [("X-Event-Key", news), ("X-Request-UUID", delivery), ("X-Hub-Signature", "sha256=" + Hmac(secret, body))],
            "azuredevops" => [("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)))],
            _ => [("X-Timestamp", seconds), ("X-Delivery", delivery), ("X-Signature", "sha256=" + Hmac(secret, $"{seconds}.{body}"))],
        };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
    }
}

/// <param name="Headers">Without the date.</param>
public sealed record WebhookAnswer(int Status, string Body, string Headers);
