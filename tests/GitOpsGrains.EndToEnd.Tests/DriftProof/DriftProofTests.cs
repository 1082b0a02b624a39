using GitOpsGrains.EndToEnd.Tests.DriftProof.Cases;
using GitOpsGrains.Engine.Diff;
using GitOpsGrains.Engine.Clusters;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>
/// The table of experiments as a contract: what others do to an object on a real server never goes unnoticed, and what
/// does not concern us costs nothing, or the few requests that the row says.
/// </summary>
public sealed class DriftProofTests(DriftProofFixture fixture, ITestOutputHelper output) : IClassFixture<DriftProofFixture>
{
    private static readonly IReadOnlyDictionary<string, DriftCase> Cases = new[]
    {
        ConfigMapCases.All, SecretCases.All, ServiceCases.All, DeploymentCases.All, PolicyCases.All, CustomResourceCases.All, WebhookCases.All,
    }.SelectMany(cases => cases).ToDictionary(item => item.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Proof_AfterTheCase_AsksExactlyWhenItMust(string name)
    {
        var drift = Cases[name];
        var minor = fixture.Server.MinorVersion;
        Assert.SkipWhen(minor > drift.LastMinor, $"the server {fixture.Server.Version} no longer has what this case needs");
        var item = await NewAsync(drift);

        var result = await CaseResult.RunAsync(drift, item);

        output.WriteLine($"{drift.Name}: {result.Verdict}, {result.Question}, {result.Requests} requests");
        Assert.False(result.IsMissed, $"drifted, and the proof holds: {result}");
        Assert.True(drift.ExpectedOn(minor) == result.Verdict, $"expected {drift.ExpectedOn(minor)}: {result}");
        // Except for order in keyed lists, which servers of 1.20 do not mend, the answer is the truth.
        Assert.True(result.IsNoticed == result.IsDrifted || name.Contains("reordered", StringComparison.Ordinal), $"the answer was wrong: {result}");
    }

    public static TheoryData<string> Takeovers => [.. Cases.Values.Where(drift => drift.NeedsTakeOver).Select(drift => drift.Name)];

    [Theory]
    [MemberData(nameof(Takeovers))]
    public async Task Heal_RefusedForever_SucceedsAfterTakeOver(string name)
    {
        var item = await NewAsync(Cases[name]);
        var wanted = DesiredLeaves.Read(item.Desired.Json(), (await item.ApplyAsync()).Root);
        await Cases[name].Edit(item);
        var live = (await item.ReadAsync())!;
        var refused = await item.Connection.ApplyAsync(item.Resource, item.Desired.Id, item.Desired.FencedBody(live.Uid, live.ResourceVersion), new ApplyOptions(false, Force: true), CancellationToken.None);
        Assert.Equal(ClusterErrorKind.Invalid, refused.Error?.Kind);

        var rivals = ManagedFields.Of(live).Where(entry => !entry.IsOwn && entry.Subresource.Length == 0).Select(entry => entry.Manager).ToHashSet();
        var taken = await item.Connection.JsonPatchAsync(item.Resource, item.Desired.Id, TakeOver.Plan(live, rivals)!.Value, false, CancellationToken.None);
        Assert.True(taken.IsSuccess, taken.Error?.Message);
        var healed = await item.ApplyAsync();

        Assert.Equal(wanted, DesiredLeaves.Read(item.Desired.Json(), healed.Root));
    }

    private async Task<CaseObject> NewAsync(DriftCase drift)
    {
        var (connection, catalog) = await fixture.ConnectAsync();
        return CaseObject.Of(fixture.Server, connection, catalog, await fixture.NewNamespaceAsync("drift"), drift.Manifest);
    }
}
