using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>News of pushes to repositories that are otherwise asked once a day.</summary>
public sealed class WebhookTests : IClassFixture<GitFleet>, IDisposable
{
    private readonly GitFleet _fleet;
    private readonly WebhookSender _sender;

    public WebhookTests(GitFleet fleet) => (_fleet, _sender) = (fleet, new WebhookSender(fleet.Host.Url, fleet.Clock));

    public static TheoryData<string> Providers => [.. WebhookOptions.Providers];

    public void Dispose() => _sender.Dispose();

    [Theory, MemberData(nameof(Providers))]
    public async Task A_push_is_rendered_at_once_and_only_its_repository_is_asked(string provider)
    {
        var (work, other) = (await NewAsync(), await NewAsync());
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        await other.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        var before = (await ViewAsync(other)).Status.LastPoll;
        var answer = await _sender.PushAsync(provider, work.Url);
        Assert.Equal((202, ""), (answer.Status, answer.Body));
        await _fleet.WantsAsync(work, commit, patience: TimeSpan.FromSeconds(10));
        Assert.Equal(before, (await ViewAsync(other)).Status.LastPoll);
    }

    [Fact]
    public async Task Pushes_without_a_number_are_told_apart_by_their_signed_time()
    {
        var work = await NewAsync();
        var body = WebhookSender.PushOf("generic", work.Url);
        foreach (var ahead in new[] { 0, 1 })
        {
            var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", $"{ahead + 2}"));
            await _sender.SendAsync("generic", body, "", change: request => Unnumbered(request, ahead));
            await _fleet.WantsAsync(work, commit, patience: TimeSpan.FromSeconds(10));
        }

        void Unnumbered(HttpRequestMessage request, int ahead)
        {
            request.Headers.Clear();
            var seconds = (_fleet.Clock.GetUtcNow().ToUnixTimeSeconds() + ahead).ToString(CultureInfo.InvariantCulture);
            request.Headers.TryAddWithoutValidation("X-Timestamp", seconds);
            request.Headers.TryAddWithoutValidation("X-Signature", "sha256=" + WebhookSender.Hmac(GitFleet.SecretOf("generic"), $"{seconds}.{body}"));
        }
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Who_does_not_know_the_secret_always_gets_the_same_answer_and_nothing_happens(string provider)
    {
        var work = await NewAsync();
        var before = (await ViewAsync(work)).Status.LastPoll;
        await using var bare = await InProcessHost.StartAsync();
        using var secretless = new WebhookSender(bare.Url, TimeProvider.System);
        WebhookAnswer[] answers =
        [
            await _sender.PushAsync(provider, work.Url, "another-secret"),
            await _sender.PushAsync(provider, "https://nowhere.example.com/a/b.git", "another-secret"),
            await _sender.PushAsync(provider, work.Url, ""),
            await _sender.SendAsync(provider, "no json", WebhookSender.EventOf(provider), "another-secret"),
            await _sender.SendAsync(provider, WebhookSender.PushOf(provider, work.Url), "", "another-secret", change: request => request.Headers.Clear()),
            await secretless.PushAsync(provider, work.Url),
            await secretless.PushAsync(provider, work.Url, ""),
        ];
        Assert.Equal(401, answers[0].Status);
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Equal(before, (await ViewAsync(work)).Status.LastPoll);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Who_knows_the_secret_does_not_learn_which_repositories_are_known(string provider)
    {
        var work = await NewAsync();
        Assert.Equal(await _sender.PushAsync(provider, work.Url), await _sender.PushAsync(provider, "https://nowhere.example.com/a/b.git"));
    }

    [Theory]
    [InlineData("github", "ping")]
    [InlineData("github", "pull_request")]
    [InlineData("gitlab", "Merge Request Hook")]
    [InlineData("gitea", "issues")]
    [InlineData("bitbucket", "repo:fork")]
    public async Task Other_news_is_taken_and_nothing_happens(string provider, string news)
    {
        var work = await NewAsync();
        var before = (await ViewAsync(work)).Status.LastPoll;
        var answer = await _sender.SendAsync(provider, WebhookSender.PushOf(provider, work.Url), news);
        Assert.Equal((202, ""), (answer.Status, answer.Body));
        Assert.Equal(before, (await ViewAsync(work)).Status.LastPoll);
    }

    [Fact]
    public async Task Six_hundred_pushes_are_answered_by_two_polls_and_none_is_lost()
    {
        var work = await NewAsync();
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "600"));
        var before = _fleet.Git.Requests;
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) =>
            Assert.Equal(202, (await _sender.PushAsync("github", work.Url)).Status));
        await _fleet.WantsAsync(work, commit);
        var last = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "601"));
        await _sender.PushAsync("github", work.Url);
        await _fleet.WantsAsync(work, last);
        var requests = _fleet.Git.Requests - before;
        // As many as there were seconds, plus one: sending takes a few on a busy machine.
        Assert.True(requests.LsRefs <= 12, $"{requests}");
    }

    [Fact]
    public async Task A_repeated_delivery_brings_about_no_further_request()
    {
        var work = await NewAsync();
        var before = (await ViewAsync(work)).Status.LastPoll;
        Assert.Equal(202, (await _sender.PushAsync("github", work.Url, delivery: "d-1")).Status);
        var polled = await PolledAfterAsync(work, before);
        Assert.Equal(202, (await _sender.PushAsync("github", work.Url, delivery: "d-1")).Status);
        // Another one, so that there is something to wait for.
        var other = await NewAsync();
        var commit = await other.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        await _sender.PushAsync("github", other.Url);
        await _fleet.WantsAsync(other, commit);
        Assert.Equal(polled, (await ViewAsync(work)).Status.LastPoll);
    }

    [Theory]
    [InlineData(-6)]
    [InlineData(6)]
    public async Task A_signed_time_that_is_not_now_is_refused(int minutes)
    {
        var work = await NewAsync();
        var body = WebhookSender.PushOf("generic", work.Url);
        var seconds = (_fleet.Clock.GetUtcNow() + TimeSpan.FromMinutes(minutes)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Assert.Equal(401, (await _sender.SendAsync("generic", body, "", change: request =>
        {
            request.Headers.Remove("X-Timestamp");
            request.Headers.Remove("X-Signature");
            request.Headers.Add("X-Timestamp", seconds);
            request.Headers.Add("X-Signature", "sha256=" + WebhookSender.Hmac(GitFleet.SecretOf("generic"), $"{seconds}.{body}"));
        })).Status);
        Assert.Equal(401, (await SignedGitLabAsync(work, TimeSpan.FromMinutes(minutes), GitFleet.SecretOf("gitlab"))).Status);
    }

    [Fact]
    public async Task GitLabs_signed_form_is_believed_when_it_is_right_and_never_passed_over()
    {
        var work = await NewAsync();
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        // The token beside a wrong signature does not help.
        Assert.Equal(401, (await SignedGitLabAsync(work, TimeSpan.Zero, "another-secret")).Status);
        Assert.Equal(202, (await SignedGitLabAsync(work, TimeSpan.Zero, GitFleet.SecretOf("gitlab"))).Status);
        await _fleet.WantsAsync(work, commit);
    }

    [Fact]
    public async Task GitHubs_form_encoding_is_read()
    {
        var work = await NewAsync();
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        var body = "payload=" + Uri.EscapeDataString(WebhookSender.PushOf("github", work.Url));
        var answer = await _sender.SendAsync("github", body, "push", change: request =>
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        Assert.Equal(202, answer.Status);
        await _fleet.WantsAsync(work, commit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_not_read_to_its_end(bool announced)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github") { Content = new StreamContent(new MemoryStream(new byte[2 * 1024 * 1024])) };
        if (!announced) (request.Headers.TransferEncodingChunked, request.Content.Headers.ContentLength) = (true, null);
        Assert.Equal(413, (await _sender.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_body_that_does_not_come_gives_its_place_to_others()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _fleet.Host.Url.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync("POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        using var reader = new StreamReader(stream);
        var answer = reader.ReadLineAsync();
        await Eventually.TrueAsync(() =>
        {
            _fleet.Clock.Leap(TimeSpan.FromSeconds(2));
            return answer.IsCompleted;
        }, "an answer");
        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer);
    }

    [Fact]
    public async Task News_find_a_repository_by_the_URL_that_it_has_now()
    {
        var (work, next) = (await NewAsync(), await _fleet.Git.CreateRepositoryAsync($"t{Guid.NewGuid():N}"[..10]));
        var commit = await next.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "moved"));
        await _fleet.Rest.ApplyAsync($$"""
            apiVersion: gitopsgrains.io/v1
            kind: Repository
            metadata: {name: "{{GitFleet.NameOf(work)}}"}
            spec: {url: "{{next.Url}}", poll: {interval: 24h} }
            """);
        await _sender.PushAsync("github", next.Url);
        await _fleet.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{GitFleet.NameOf(work)}:refresh");
        await _fleet.WantsAsync(work, commit);
        var (before, later) = ((await ViewAsync(work)).Status.LastPoll, await next.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "later")));
        await _sender.PushAsync("github", work.Url);
        Assert.Equal(before, (await ViewAsync(work)).Status.LastPoll);
        await _sender.PushAsync("github", next.Url);
        await _fleet.WantsAsync(work, later);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task What_is_no_payload_is_told_to_who_knows_the_secret(string body) =>
        Assert.Equal(400, (await _sender.SendAsync("github", body, "push")).Status);

    [Fact]
    public async Task Nesting_without_end_is_refused() =>
        Assert.Equal(400, (await _sender.SendAsync("github", string.Concat(Enumerable.Repeat("{\"repository\":", 60_000)), "push")).Status);

    [Fact]
    public async Task An_unknown_provider_is_told_and_no_other_method_is_there()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/sourcehut") { Content = new StringContent("{}") };
        Assert.Equal(404, (await _sender.SendAsync(request)).Status);
        using var get = new HttpRequestMessage(HttpMethod.Get, "/webhooks/github");
        Assert.Equal(405, (await _sender.SendAsync(get)).Status);
    }

    [Fact]
    public async Task One_source_can_send_no_more_than_its_share()
    {
        await using var host = await InProcessHost.StartAsync(settings => settings with { Webhooks = new WebhookOptions { Burst = 5, RequestsPerSecond = 1 } });
        using var sender = new WebhookSender(host.Url, TimeProvider.System);
        var answers = new List<WebhookAnswer>();
        for (var i = 0; i < 20; i++) answers.Add(await sender.PushAsync("github", "https://example.com/a.git"));
        Assert.Contains(answers, answer => answer.Status == 401);
        Assert.Contains(answers, answer => answer.Status == 429 && answer.Headers.Contains("Retry-After: 10", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await host.Rest.TrySendAsync(HttpMethod.Get, "repositories")).Status);
    }

    private Task<WebhookAnswer> SignedGitLabAsync(GitWorkspace work, TimeSpan off, string secret)
    {
        var body = WebhookSender.PushOf("gitlab", work.Url);
        return _sender.SendAsync("gitlab", body, "Push Hook", change: request =>
        {
            var id = Guid.NewGuid().ToString();
            var seconds = (_fleet.Clock.GetUtcNow() + off).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{id}.{seconds}.{body}")));
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", seconds);
            request.Headers.Add("webhook-signature", "v1," + signature);
        });
    }

    /// <summary>A repository with one application that has rendered its first commit.</summary>
    private async Task<GitWorkspace> NewAsync()
    {
        var work = await _fleet.NewRepositoryAsync();
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "1"));
        await _fleet.PutApplicationAsync(work, "ref: main, path: app");
        await _fleet.WantsAsync(work, commit);
        return work;
    }

    private Task<RepositoryView> ViewAsync(GitWorkspace work) => _fleet.Rest.GetAsync<RepositoryView>($"repositories/{GitFleet.NameOf(work)}");

    private async Task<DateTimeOffset?> PolledAfterAsync(GitWorkspace work, DateTimeOffset? before) =>
        await Eventually.GetAsync(async () => (await ViewAsync(work)).Status.LastPoll, at => at > before, "a poll");
}
