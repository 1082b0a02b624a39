using System.Diagnostics;
using System.Net;
using System.Text;

namespace GitOpsGrains.Simulation.Tests.Http;

/// <summary>Faults on demand, asked for below /admin as a process outside does.</summary>
public sealed class FaultTests(SimulationStage stage) : IDisposable
{
    private readonly HttpClient _admin = SimulatedUserClient.NewHttp(stage.Fleet, stage.Fleet.AdminToken);

    [Fact]
    public async Task Latency_DelaysEachAnswerOfItsCluster_UntilItIsTakenAway()
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, """{"latency":"00:00:00.3"}""");

        var slow = await TimeAsync(sick);
        var slowAgain = await TimeAsync(sick);
        await ClearAsync(sick);
        await SetAsync(sick, """{"latency":"00:10:00"}""");
        await ClearAsync(sick);
        var quick = await TimeAsync(sick);

        Assert.True(slow >= TimeSpan.FromSeconds(0.3) && slowAgain >= TimeSpan.FromSeconds(0.3), $"{slow} {slowAgain}");
        Assert.True(quick < TimeSpan.FromMinutes(1), $"{quick}");
    }

    [Fact]
    public async Task TooManyRequests_SaysWhenToComeAgain_AsOftenAsAsked()
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, """{"kind":"TooManyRequests","retryAfter":"00:00:06.5","times":2}""");

        var answers = new List<Answer>();
        for (var at = 0; at < 3; at++) answers.Add(await sick.GetAsync("/api/v1/namespaces"));

        Assert.Equal([(429, "7"), (429, "7"), (200, null)], answers.Select(static answer => (answer.Status, answer.RetryAfter)));
        Assert.Equal("TooManyRequests 429", $"{answers[0].Json.GetProperty("reason").GetString()} {answers[0].Json.GetProperty("code")}");
    }

    [Theory]
    [InlineData("ServerError", 500, "InternalError")]
    [InlineData("Unauthorized", 401, "Unauthorized")]
    public async Task Refusal_IsAStatus_AndOverWhenItIsTakenAway(string kind, int status, string reason)
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, $$"""{"kind":"{{kind}}"}""");

        var read = await sick.GetAsync("/api/v1/namespaces/default");
        var write = await sick.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a"));
        var version = await sick.GetAsync("/version");
        await ClearAsync(sick);

        Assert.Equal([(status, reason), (status, reason), (status, reason)], new[] { read, write, version }.Select(static answer => (answer.Status, answer.Json.GetProperty("reason").GetString()!)));
        Assert.Empty((await sick.GetAsync(Sample.ConfigMaps)).Names());
    }

    [Fact]
    public async Task Hang_AnswersWhenItIsTakenAway_AndLetsImpatientClientsGo()
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, """{"kind":"Hang"}""");
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var patient = sick.GetAsync("/api/v1/namespaces/default");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sick.GetAsync("/api/v1/namespaces/default", impatient.Token));
        Assert.False(patient.IsCompleted);
        await ClearAsync(sick);

        Assert.Equal(200, (await patient).Status);
    }

    [Fact]
    public async Task Reset_CutsTheStreamWithoutAnAnswer()
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, """{"kind":"Reset","times":1}""");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sick.PostAsync(Sample.ConfigMaps, Sample.ConfigMap("a")));

        Assert.Empty((await sick.GetAsync(Sample.ConfigMaps)).Ok().Names());
    }

    [Theory]
    [InlineData("""{"kind":"Hang"}""")]
    [InlineData("""{"kind":"ServerError"}""")]
    [InlineData("""{"latency":"01:00:00"}""")]
    public async Task Fault_OfOneCluster_IsNoneOfItsNeighbour(string fault)
    {
        using var sick = stage.NewCluster();
        using var well = stage.NewCluster();
        await SetAsync(sick, fault);

        Assert.Equal(200, (await well.GetAsync("/api/v1/namespaces/default")).Status);
        Assert.Equal("None", (await Answer.ReadAsync(await _admin.GetAsync(PathOf(well)))).Json.GetProperty("kind").GetString());
        await ClearAsync(sick);
    }

    [Fact]
    public async Task Fault_IsReadAsItWasSet_AndListed()
    {
        using var sick = stage.NewCluster();
        await SetAsync(sick, """{"kind":"Hang","latency":"00:00:01","path":"/configmaps","times":3}""");

        var read = await Answer.ReadAsync(await _admin.GetAsync(PathOf(sick)));
        var listed = (await Answer.ReadAsync(await _admin.GetAsync("/admin/clusters"))).Json.EnumerateArray().Single(item => item.GetProperty("name").GetString() == sick.Cluster.Name);
        await ClearAsync(sick);

        Assert.Equal("""{"kind":"Hang","latency":"00:00:01","retryAfter":"00:00:01","path":"/configmaps","times":3}""", read.Text);
        Assert.Equal("Hang", listed.GetProperty("fault").GetString());
    }

    [Theory]
    [InlineData("""{"kind":"Fire"}""")]
    [InlineData("""{"kind":99}""")]
    [InlineData("""{"latency":"-00:00:01"}""")]
    [InlineData("""{"latency":"02:00:00"}""")]
    [InlineData("""{"retryAfter":"10675199.02:48:05"}""")]
    [InlineData("""{"times":-1}""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Fault_ThatIsNone_Is400AndChangesNothing(string fault)
    {
        using var cluster = stage.NewCluster();
        await SetAsync(cluster, """{"kind":"ServerError"}""");

        using var content = new StringContent(fault, Encoding.UTF8, "application/json");
        var refused = await Answer.ReadAsync(await _admin.PutAsync(PathOf(cluster), content));

        Assert.Equal(400, refused.Status);
        Assert.Equal(500, (await cluster.GetAsync("/version")).Status);
    }

    [Theory]
    [InlineData("GET", "/admin/clusters")]
    [InlineData("PUT", "/admin/clusters/any/fault")]
    [InlineData("GET", "/admin/clusters/any/kubeconfig")]
    public async Task Admin_WithoutItsToken_Is401(string method, string path)
    {
        using var cluster = stage.NewCluster();
        using var stranger = SimulatedUserClient.NewHttp(stage.Fleet, cluster.Cluster.Users[0].Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("/admin/clusters/nowhere/fault")]
    [InlineData("/admin/")]
    [InlineData("/admin/clusters/a/b/c")]
    public async Task Admin_OfWhatIsNotThere_Is404(string path) => Assert.Equal(HttpStatusCode.NotFound, (await _admin.GetAsync(path)).StatusCode);

    public void Dispose() => _admin.Dispose();

    private static string PathOf(SimulatedUserClient cluster) => $"/admin/clusters/{cluster.Cluster.Name}/fault";

    private static async Task<TimeSpan> TimeAsync(SimulatedUserClient cluster)
    {
        var began = Stopwatch.GetTimestamp();
        (await cluster.GetAsync("/api/v1/namespaces/default")).Ok();
        return Stopwatch.GetElapsedTime(began);
    }

    private async Task SetAsync(SimulatedUserClient cluster, string fault)
    {
        using var content = new StringContent(fault, Encoding.UTF8, "application/json");
        (await Answer.ReadAsync(await _admin.PutAsync(PathOf(cluster), content))).Ok();
    }

    private async Task ClearAsync(SimulatedUserClient cluster) => (await Answer.ReadAsync(await _admin.DeleteAsync(PathOf(cluster)))).Ok();
}
