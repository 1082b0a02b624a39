using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Gateway.Webhooks;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>News that one repository's own secret vouches for.</summary>
public sealed class RepositoryWebhookTests : IClassFixture<GitFleet>, IDisposable
{
    private const string Secret = "name:of-this-one-alone";
    private readonly GitFleet _fleet;
    private readonly WebhookSender _sender;

    public RepositoryWebhookTests(GitFleet fleet) => (_fleet, _sender) = (fleet, new WebhookSender(fleet.Host.Url, fleet.Clock));

    public static TheoryData<string> Providers => [.. WebhookOptions.Providers];

    public void Dispose() => _sender.Dispose();

    [Theory, MemberData(nameof(Providers))]
    public async Task A_push_signed_with_the_repositorys_own_secret_is_rendered_at_once(string provider)
    {
        var work = await NewAsync();
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));

        var answer = await _sender.PushAsync(provider, work.Url, Secret, own: GitFleet.NameOf(work));

        Assert.Equal((202, ""), (answer.Status, answer.Body));
        await _fleet.WantsAsync(work, commit, patience: TimeSpan.FromSeconds(10));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Another_secret_no_secret_and_no_repository_are_answered_alike(string provider)
    {
        var (work, without) = (await NewAsync(), await NewAsync(webhook: false));
        var name = GitFleet.NameOf(work);
        var before = await LastPollAsync(work);

        WebhookAnswer[] answers =
        [
            await _sender.PushAsync(provider, work.Url, "another:secret", own: name),
            await _sender.PushAsync(provider, work.Url, own: name),
            await _sender.PushAsync(provider, work.Url, Secret, own: GitFleet.NameOf(without)),
            await _sender.PushAsync(provider, work.Url, Secret, own: "nowhere"),
            await _sender.PushAsync(provider, work.Url, Secret, own: "No_Name"),
            await _sender.PushAsync(provider, work.Url, Secret),
            await _sender.SendAsync(provider, "no json", WebhookSender.EventOf(provider), "another:secret", own: name),
        ];

        Assert.Equal(401, answers[0].Status);
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Equal(before, await LastPollAsync(work));
    }

    [Fact]
    public async Task The_secret_of_one_repository_brings_about_nothing_for_another()
    {
        var (work, other) = (await NewAsync(), await NewAsync());
        var before = await LastPollAsync(other);

        var answer = await _sender.PushAsync("github", other.Url, Secret, own: GitFleet.NameOf(work));
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        await _sender.PushAsync("github", work.Url, Secret, own: GitFleet.NameOf(work));
        await _fleet.WantsAsync(work, commit, patience: TimeSpan.FromSeconds(10));

        Assert.Equal(202, answer.Status);
        Assert.Equal(before, await LastPollAsync(other));
    }

    [Fact]
    public async Task A_stored_secret_is_taken_for_repositories_below_its_prefix_only()
    {
        var (inside, outside) = (await NewAsync(webhook: false), await NewAsync(webhook: false));
        var stored = "hook-" + GitFleet.NameOf(inside);
        await _fleet.Rest.TrySendAsync(HttpMethod.Put, $"credentials/{stored}", $$"""{"urlPrefix": "{{inside.Url}}", "webhook": "{{Secret}}"}""", "application/json");
        await _fleet.PutRepositoryAsync(inside, $"  webhook: {{secretFrom: {{stored: {stored}}}}}");
        await _fleet.PutRepositoryAsync(outside, $"  webhook: {{secretFrom: {{stored: {stored}}}}}");

        Assert.Equal(202, (await _sender.PushAsync("github", inside.Url, Secret, own: GitFleet.NameOf(inside))).Status);
        Assert.Equal(401, (await _sender.PushAsync("github", outside.Url, Secret, own: GitFleet.NameOf(outside))).Status);
    }

    private async Task<DateTimeOffset?> LastPollAsync(GitWorkspace work) =>
        (await _fleet.Rest.GetAsync<Documents.Rest.RepositoryView>($"repositories/{GitFleet.NameOf(work)}")).Status.LastPoll;

    /// <summary>A repository whose application wants its first commit, asked once a day.</summary>
    private async Task<GitWorkspace> NewAsync(bool webhook = true)
    {
        var file = Path.Combine(_fleet.Git.Root, "own.secret");
        await File.WriteAllTextAsync(file, Secret + "\n");
        var work = await _fleet.NewRepositoryAsync(webhook ? $"  webhook: {{secretFrom: {{file: {file}}}}}" : "");
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "1"));
        await _fleet.PutApplicationAsync(work, "ref: main, path: app");
        await _fleet.WantsAsync(work, commit);
        return work;
    }
}
