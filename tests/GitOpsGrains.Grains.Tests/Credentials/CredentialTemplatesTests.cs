using GitOpsGrains.Abstractions.Credentials;
using GitOpsGrains.Abstractions.Ports.Secrets;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Credentials;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GitOpsGrains.Grains.Tests.Credentials;

/// <summary>What silos know of RepositoryCredentials: the one that has the grain, and the other.</summary>
public sealed class CredentialTemplatesTests
{
    private const string Url = "https://example.com/team/app";

    [Fact]
    public async Task Find_OnAnySilo_AsksTheGrainOnce_AndSeesEachChangeThatWasAcknowledged()
    {
        await using var silos = await TwoSilos.StartAsync(TimeProvider.System);
        var grain = silos.Hosts[0].Services.GetRequiredService<IGrainFactory>().GetGrain<IRepositoryCredentialsGrain>(0);
        await grain.PutAsync(Document("ada"));
        var templates = silos.Hosts.Select(host => host.Services.GetRequiredService<ICredentialTemplates>()).ToArray();
        foreach (var silo in templates) Assert.Equal("ada", await UserAsync(silo));

        var asked = silos.Questions;
        for (var change = 0; change < 20; change++)
        {
            await grain.PutAsync(Document($"user{change}"));
            foreach (var silo in templates) Assert.Equal($"user{change}", await UserAsync(silo));
        }
        await grain.DeleteAsync("team");
        foreach (var silo in templates) Assert.Null(await silo.FindAsync(Url, CancellationToken.None));

        Assert.Equal(2, asked);
        // 42 questions more, and the lists have not become old: at most one renewal by each where the machine is slow.
        Assert.InRange(silos.Questions, 2, 4);
    }

    [Fact]
    public async Task Find_WhenTheListIsOld_AsksAgain_AndSeesWhatWasNotTold()
    {
        var (time, grain) = (new FakeTimeProvider(), new Scripted());
        var templates = new CredentialTemplates(grain.FollowAsync, time);
        grain.List = new TemplateList { Version = "1", Documents = [Document("ada")] };
        Assert.Equal("ada", await UserAsync(templates));

        grain.List = new TemplateList { Version = "2", Documents = [Document("bob")] };
        time.Advance(CredentialTemplates.MaxAge - TimeSpan.FromTicks(1));
        Assert.Equal(("ada", 1), (await UserAsync(templates), grain.Asked));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(("bob", 2), (await UserAsync(templates), grain.Asked));

        // The same list: nothing travels, and it is as good as new.
        time.Advance(CredentialTemplates.MaxAge);
        Assert.Equal(("bob", 3), (await UserAsync(templates), grain.Asked));
        Assert.Equal(("bob", 3, 1), (await UserAsync(templates), grain.Asked, grain.Unchanged));
    }

    [Fact]
    public async Task Find_WhileNewsOvertakeTheAnswer_GoesByTheNews()
    {
        var (time, grain) = (new FakeTimeProvider(), new Scripted());
        var templates = new CredentialTemplates(grain.FollowAsync, time);
        grain.List = new TemplateList { Version = "1", Documents = [Document("ada")] };
        grain.Hold = new TaskCompletionSource();

        var asking = UserAsync(templates);
        await grain.Began.Task;
        await templates.ReplaceAsync(new TemplateList { Version = "2", Documents = [Document("bob")] });
        grain.Hold.SetResult();

        Assert.Equal(("bob", "bob"), (await asking, await UserAsync(templates)));
    }

    [Fact]
    public async Task Find_WhenTheGrainCantBeAsked_FailsAndIsTriedAnew()
    {
        var (time, grain) = (new FakeTimeProvider(), new Scripted());
        var templates = new CredentialTemplates(grain.FollowAsync, time);
        grain.Failure = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => UserAsync(templates));

        grain.Failure = null;
        grain.List = new TemplateList { Version = "1", Documents = [Document("ada")] };
        Assert.Equal("ada", await UserAsync(templates));
    }

    private static async Task<string?> UserAsync(ICredentialTemplates templates) => (await templates.FindAsync(Url, CancellationToken.None))?.Credentials?.Username;

    private static RepositoryCredentialsDocument Document(string user) => new()
    {
        Metadata = new DocumentMetadata { Name = "team" },
        Spec = new RepositoryCredentialsSpec { UrlPrefix = "https://example.com/team", Credentials = new CredentialsSpec { Username = user } },
    };

    /// <summary>Answers as the grain does.</summary>
    private sealed class Scripted
    {
        public TemplateList List { get; set; } = new();

        public Exception? Failure { get; set; }

        public TaskCompletionSource? Hold { get; set; }

        public TaskCompletionSource Began { get; } = new();

        public int Asked { get; private set; }

        public int Unchanged { get; private set; }

        public async Task<TemplateList?> FollowAsync(ITemplateFollower follower, string version)
        {
            Asked++;
            Began.TrySetResult();
            var list = List;
            if (Hold is not null) await Hold.Task;
            if (Failure is not null) throw Failure;
            if (list.Version != version) return list;
            Unchanged++;
            return null;
        }
    }
}
