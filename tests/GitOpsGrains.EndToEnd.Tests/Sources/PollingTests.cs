using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;
using GitOpsGrains.Testing.Git;

namespace GitOpsGrains.EndToEnd.Tests.Sources;

/// <summary>How often a Git server is asked, counted at the server. The clock leaps, so that intervals pass at once.</summary>
public sealed class PollingTests(GitFleet fleet) : IClassFixture<GitFleet>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Any_number_of_applications_on_one_repository_is_one_request_an_interval()
    {
        var work = await NewAsync();
        await work.TagAsync("1.0.0");
        for (var i = 0; i < 20; i++) await fleet.PutApplicationAsync(work, i % 2 == 0 ? "ref: main, path: app" : "ref: '*', path: app", $"-{i}");
        var commit = await work.HeadAsync();
        for (var i = 0; i < 20; i++) await fleet.WantsAsync(work, commit, $"-{i}");

        for (var interval = 0; interval < 3; interval++)
        {
            var (before, polled) = (RequestsFor(work), await PolledAsync(work));
            var (leaps, looks) = (0, 0);
            // The next poll is set a moment after the last one is told: a leap in between passes it by.
            await Eventually.TrueAsync(async () =>
            {
                if (looks++ % 50 == 0)
                {
                    fleet.Clock.Leap(Interval * 1.2);
                    leaps++;
                }

                return await PolledAsync(work) > polled;
            }, "the next poll");
            var requests = RequestsFor(work) - before;
            Assert.Equal((0, 0), (requests.InfoRefs, requests.Fetch));
            Assert.InRange(requests.LsRefs, 1, leaps);
        }
    }

    [Fact]
    public async Task A_server_that_asks_for_a_pause_gets_it_from_all_repositories_but_a_push_is_not_kept_waiting_for_ever()
    {
        var (refused, other) = (await NewAsync(), await NewAsync());
        fleet.Git.RetryAfter = "600";
        fleet.Git.Misbehave(GitServerFault.TooManyRequests, GitFleet.NameOf(refused));
        await fleet.Rest.TrySendAsync(HttpMethod.Post, $"applications/default/{GitFleet.NameOf(refused)}:refresh");
        Assert.Equal("the server says that it gets too many requests (429)", await fleet.SaysAsync(refused, "RepositoryUnreachable"));

        var before = (Other: RequestsFor(other), Refused: RequestsFor(refused));
        fleet.Clock.Leap(Interval * 2);
        using var sender = new WebhookSender(fleet.Host.Url, fleet.Clock);
        var commit = await other.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2"));
        Assert.Equal(202, (await sender.PushAsync("github", other.Url)).Status);
        await LeapUntilAsync(other, commit, TimeSpan.FromSeconds(10));
        Assert.Equal(new GitServerRequests(0, 1, 1), RequestsFor(other) - before.Other);
        Assert.Equal(new GitServerRequests(0, 0, 0), RequestsFor(refused) - before.Refused);

        fleet.Git.Misbehave(GitServerFault.None, GitFleet.NameOf(refused));
        fleet.Clock.Leap(TimeSpan.FromMinutes(11));
        await LeapUntilAsync(refused, await refused.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "2")), Interval);
    }

    [Fact]
    public async Task More_repositories_than_a_server_may_be_asked_for_are_polled_one_after_another()
    {
        await using var host = await InProcessHost.StartAsync(settings => settings with { GitRequestsPerSecond = 0.5, GitRequestBurst = 2 }, new LeapingClock());
        await using var git = await GitServer.StartAsync();
        for (var i = 0; i < 6; i++)
        {
            await (await git.CreateRepositoryAsync($"r{i}")).PublishAsync("a.yaml", "a: 1");
            await host.Rest.ApplyAsync($$"""
                apiVersion: gitopsgrains.io/v1
                kind: Repository
                metadata: {name: r{{i}}}
                spec: {url: "{{git.UrlOf($"r{i}")}}"}
                """);
        }
        // The first two at once; the others have taken places that are seconds away.
        await Eventually.TrueAsync(() => Task.FromResult(git.Requests.LsRefs >= 2), "the first polls");
        var views = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.Rest.GetAsync<RepositoryView>($"repositories/r{i}")));
        Assert.InRange(views.Count(view => view.Status.LastPoll is not null), 1, 4);
        await Eventually.TrueAsync(() => Task.FromResult(git.Requests.LsRefs >= 6), "all polls");
    }

    /// <summary>Leaps now and then: requests under way must not run out of their time.</summary>
    private async Task LeapUntilAsync(GitWorkspace work, string commit, TimeSpan leap)
    {
        var looks = 0;
        await Eventually.TrueAsync(async () =>
        {
            if ((await fleet.StatusAsync(work)).Revision == commit) return true;
            if (++looks % 15 == 0) fleet.Clock.Leap(leap);
            return false;
        }, $"{commit} of {work.Url}");
    }

    private GitServerRequests RequestsFor(GitWorkspace work) => fleet.Git.RequestsFor(GitFleet.NameOf(work));

    private async Task<GitWorkspace> NewAsync()
    {
        var work = await fleet.NewRepositoryAsync(interval: "1m");
        var commit = await work.PublishAsync("app/one.yaml", Scene.ConfigMap("one", "1"));
        await fleet.PutApplicationAsync(work, "ref: main, path: app");
        await fleet.WantsAsync(work, commit);
        return work;
    }

    private async Task<DateTimeOffset?> PolledAsync(GitWorkspace work) =>
        (await fleet.Rest.GetAsync<RepositoryView>($"repositories/{GitFleet.NameOf(work)}")).Status.LastPoll;
}
