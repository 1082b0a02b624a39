using System.Globalization;
using System.Text.RegularExpressions;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests;

/// <summary>How often the product looks at, and puts back, an object that others do not leave alone.</summary>
public sealed partial class HealPacingTests(PacedFleet fleet) : IClassFixture<PacedFleet>
{
    private const string App = "app";
    private const string Contested = "one";
    private const int Sentinels = 8;

    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(11);

    [Fact]
    public async Task Check_OfAnObjectThatChangesAllTheTime_IsMadeOnceInTenSeconds()
    {
        var scene = await StartAsync();
        var before = fleet.RequestsOf(scene, Contested).Count;

        await AddAsync(scene, 0);
        await Eventually.TrueAsync(() => RequestsSince() == 2, "the first check");
        for (var index = 1; index <= 20; index++) await AddAsync(scene, index);
        await SeenAsync(scene, 0);
        Assert.Equal(2, RequestsSince());

        fleet.Clock.Leap(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => RequestsSince() > 2, "the second check");
        await SeenAsync(scene, 1);
        Assert.Equal(["get", "patch", "get", "patch"], fleet.RequestsOf(scene, Contested).Skip(before).Select(request => request.Verb));
        Assert.DoesNotContain(fleet.RequestsOf(scene, Contested).Skip(before), request => request.IsWrite);

        int RequestsSince() => fleet.RequestsOf(scene, Contested).Count - before;
    }

    [Fact]
    public async Task Checks_ThatFindNothing_AreMadeLessAndLessOften()
    {
        var scene = await StartAsync();
        var before = fleet.RequestsOf(scene, Contested).Count;
        for (var check = 1; check <= 3; check++)
        {
            if (check > 1) fleet.Clock.Leap(TimeSpan.FromSeconds(10));
            await AddAsync(scene, check);
            await Eventually.TrueAsync(() => RequestsSince() == 2 * check, $"check {check}");
        }

        await AddAsync(scene, 4);
        fleet.Clock.Leap(TimeSpan.FromSeconds(12));
        await SeenAsync(scene, 0);
        Assert.Equal(6, RequestsSince());
        fleet.Clock.Leap(TimeSpan.FromSeconds(8));
        await Eventually.TrueAsync(() => RequestsSince() == 8, "the check after 20 s");

        int RequestsSince() => fleet.RequestsOf(scene, Contested).Count - before;
    }

    [Fact]
    public async Task Heals_OfAnObjectThatIsDeletedAgainAndAgain_WaitLongerUntilItWasQuiet()
    {
        var scene = await StartAsync();
        await DeleteAsync(scene);
        await ThereAsync(scene);
        foreach (var (index, pause) in new[] { 2, 6, 18, 54, 162, 300, 300 }.Index())
        {
            await DeleteAsync(scene);
            Assert.InRange(await SaidPauseAsync(scene), Math.Max(0, pause - 3), pause);
            if (pause > 2)
            {
                fleet.Clock.Leap(TimeSpan.FromSeconds(pause / 2));
                await SeenAsync(scene, index);
                Assert.Null(await scene.FindAsync(Contested));
            }
            fleet.Clock.Leap(TimeSpan.FromSeconds(pause));
            await ThereAsync(scene);
        }

        fleet.Clock.Leap(Quiet);
        await DeleteAsync(scene);
        await ThereAsync(scene);
        await DeleteAsync(scene);
        Assert.InRange(await SaidPauseAsync(scene), 0, 2);
    }

    [Fact]
    public async Task Fight_ThirdRewriteOfAPathByOneManager_IsSaidUntilItIsQuiet()
    {
        var scene = await StartAsync();
        for (var round = 1; round <= 3; round++)
        {
            Assert.DoesNotContain((await scene.GetAsync(App)).Status.Conditions, condition => condition.Type == "Fight");
            await scene.Server.Client.PatchAsync(scene.ConfigMapPath(Contested), $$$"""{"data":{"key":"theirs-{{{round}}}"} }""", manager: "rogue");
            await HealedAsync(scene, Contested);
            fleet.Clock.Leap(TimeSpan.FromMinutes(1));
        }

        var fight = await scene.ConditionAsync(App, "Fight");
        Assert.Equal(
            "paced: rogue keeps changing /data/key (Git: \"git\", theirs: \"theirs-3\"); to leave it to them: "
            + "ignoreDifferences: [{group: \"\", kind: ConfigMap, name: one, jsonPointers: [/data/key]}]", fight.Message);
        Assert.Equal(scene.IdOf(Contested), fight.Object);

        fleet.Clock.Leap(Quiet);
        await Eventually.GetAsync(
            async () => (await scene.GetAsync(App)).Status.Conditions.Count(condition => condition.Type == "Fight"), count => count == 0, "no fight any more");
    }

    /// <summary>An application with the contested ConfigMap and sentinels of its kind.</summary>
    private async Task<Scene> StartAsync()
    {
        var scene = await fleet.NewSceneAsync();
        await scene.WriteConfigMapAsync("app/one.yaml", Contested, "git");
        for (var index = 0; index < Sentinels; index++) await scene.WriteConfigMapAsync($"app/{Sentinel(index)}.yaml", Sentinel(index), "git");
        var commit = await scene.PushAsync("All of it");
        await scene.PutApplicationAsync(App);
        await scene.SyncedAsync(App, commit);
        return scene;
    }

    /// <summary>A change that is no drift: a key beside ours.</summary>
    private static async Task AddAsync(Scene scene, int index) => await
        scene.Server.Client.PatchAsync(scene.ConfigMapPath(Contested), $$$"""{"data":{"other":"{{{index}}}"} }""");

    private static async Task DeleteAsync(Scene scene) => await scene.Server.Client.DeleteAsync(scene.ConfigMapPath(Contested));

    private static Task ThereAsync(Scene scene) =>
        Eventually.TrueAsync(async () => await scene.FindAsync(Contested) is not null, "the deleted ConfigMap again");

    /// <summary>Events of one kind come in order: when a sentinel of its own is put back, what was before has been seen.</summary>
    private static async Task SeenAsync(Scene scene, int index)
    {
        await scene.Server.Client.PatchAsync(scene.ConfigMapPath(Sentinel(index)), """{"data":{"key":"touched"} }""");
        await HealedAsync(scene, Sentinel(index));
    }

    private static Task HealedAsync(Scene scene, string name) =>
        Eventually.TrueAsync(async () => await scene.FindAsync(name) is { Value: "git" }, $"{name} as in Git");

    /// <summary>In how many seconds the deleted object comes back, as people read it.</summary>
    private static async Task<int> SaidPauseAsync(Scene scene)
    {
        var said = await Eventually.GetAsync(async () => MessageOf(await scene.GetTargetAsync(App)), message => Pause().IsMatch(message), "a pause");
        return int.Parse(Pause().Match(said).Groups["seconds"].Value, CultureInfo.InvariantCulture);

        string MessageOf(TargetView view) => view.Objects!.Single(item => item.Id == scene.IdOf(Contested)).Message ?? "";
    }

    private static string Sentinel(int index) => $"seen-{index}";

    [GeneratedRegex("^was deleted from the cluster; repaired again in (?<seconds>\\d+) s, since it keeps coming back$")]
    private static partial Regex Pause();
}
