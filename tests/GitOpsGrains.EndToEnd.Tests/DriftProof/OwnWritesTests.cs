using GitOpsGrains.Testing;

namespace GitOpsGrains.EndToEnd.Tests.DriftProof;

/// <summary>
/// Our own writes are not drift, and neither is what the controllers make of them: one object of every kind with a health
/// rule becomes healthy through real controllers, and after each object's own apply nothing is asked about it.
/// </summary>
public sealed class OwnWritesTests(OwnWritesTests.Fleet fleet) : IClassFixture<OwnWritesTests.Fleet>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Controllers_WriteStatus_NothingIsReadOrWrittenAgain()
    {
        var work = await fleet.NewRepositoryAsync("own");
        var space = Path.GetFileName(work.Folder);
        var name = $"default/{space}";
        var node = new NodeStandIn(fleet.Kube, space);
        await node.RegisterAsync();
        var before = await fleet.Server.ReadRequestCountsAsync();
        var commit = await work.PublishAsync("app/all.yaml", HealthyKinds.Manifest(space));
        await fleet.Api.ApplyAsync(Manifests.Application(space, space));

        await Eventually.TrueAsync(async () =>
        {
            await node.RunPodsAsync();
            return (await fleet.Api.ApplicationAsync(name)).Status is { Sync: "Synced", Health: "Healthy" } status && status.Revision == commit;
        }, "an application that the controllers made healthy", Patience);

        var view = await fleet.Api.TargetAsync(name, FleetFixture.Cluster);
        Assert.All(view.Objects!, item => Assert.Equal(("Synced", "Healthy", (string?)null), (item.Sync, item.Health, item.Message)));
        Assert.Equal(HealthyKinds.Resources.Keys.Order(), view.Objects!.Select(item => item.Kind).Order());
        foreach (var (kind, resource) in HealthyKinds.Resources) AssertAppliedOnce(kind, resource, space);
        // The server's own count: controllers update, only the product applies.
        var since = (await fleet.Server.ReadRequestCountsAsync()).Since(before);
        Assert.Equal(HealthyKinds.Resources.Count, since.Of("APPLY") - since.DryRuns());
        Assert.Equal("Succeeded", Assert.Single(await Eventually.GetAsync(() => fleet.Api.HistoryAsync(name), entries => entries.Count > 0, "the sync in the history")).Result);

        await ForeignWriteIsNoticedAsync(space);
    }

    /// <summary>One dry run before everything, one look whether the object is there, one apply; a definition is then read until it is established.</summary>
    private void AssertAppliedOnce(string kind, string resource, string space)
    {
        var requests = RequestsOf(resource, space);
        var expected = new[] { "dry run", $"get {resource} 404", $"patch {resource} 201" };
        Assert.Equal(expected, requests.Take(expected.Length).Select(Show));
        var more = requests.Skip(expected.Length).ToArray();
        if (kind == "CustomResourceDefinition") Assert.All(more, request => Assert.Equal("get", request.Verb));
        else Assert.Empty(more);
    }

    /// <summary>What shows that a question would have been seen: the first one that there is, about an object without a controller.</summary>
    private async Task ForeignWriteIsNoticedAsync(string space)
    {
        await fleet.Kube.PatchAsync($"/api/v1/namespaces/{space}/services/{HealthyKinds.Name}", """{"spec":{"selector":{"app":"mine"} } }""");
        await Eventually.TrueAsync(() => RequestsOf("services", space).Count(request => request.IsWrite) > 1, "the heal of the Service");
        Assert.Equal(
            ["dry run", "get services 404", "patch services 201", "get services 200", "dry run"], RequestsOf("services", space).Take(5).Select(Show));
    }

    private static string Show(AuditedRequest request) => request.IsDryRun ? "dry run" : $"{request.Verb} {request.Resource} {request.Code}";

    /// <summary>What the product asked about the object of a kind, without lists and watches.</summary>
    private AuditedRequest[] RequestsOf(string resource, string space) => [.. fleet.Audit.Read()
        .Where(request => request.Resource == resource && request.Verb is not ("list" or "watch") && HealthyKinds.IsOurs(request.Name, space))];

    public sealed class Fleet() : DriftFleet(controllers: true);
}
