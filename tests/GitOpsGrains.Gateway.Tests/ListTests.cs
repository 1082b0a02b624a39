using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;
using GitOpsGrains.Testing;

namespace GitOpsGrains.Gateway.Tests;

public sealed class ListTests(HostFixture fixture)
{
    private const int Count = 40;

    private FleetRest Rest => fixture.Host.Rest;

    [Fact]
    public async Task ListOfApplications_PageByPage_HasEachOnceInOrderAtOnceAfterTheApply()
    {
        var name = HostFixture.NewName();
        await StoreAsync(name);

        foreach (var sort in (string[])["name", "-name", "health", "-sync"])
        {
            var (seen, next) = (new List<string>(), "");
            do
            {
                var page = await Rest.GetAsync<ListView<ApplicationView>>($"applications?q={name}&limit=7&sort={sort}{next}");
                Assert.Equal((Count, false), (page.Total, page.Partial));
                seen.AddRange(page.Items.Select(item => item.Metadata.Name));
                next = page.Continue is { } token ? $"&continue={token}" : "";
            }
            while (next.Length > 0);
            var expected = Enumerable.Range(0, Count).Select(index => $"{name}-{index:00}");
            Assert.Equal(sort[0] == '-' ? expected.Reverse() : expected, seen);
        }
    }

    [Fact]
    public async Task ListOfApplications_Restricted_HasOnlyWhatMatches()
    {
        var name = HostFixture.NewName();
        await StoreAsync(name);

        Assert.Equal([$"{name}-03"], await NamesAsync($"q={name}&selector=index%3D3"));
        Assert.Equal(Count - 1, (await NamesAsync($"q={name}&selector=index!%3D3")).Count);
        Assert.Empty(await NamesAsync($"q={name}&sync=Synced"));
        Assert.Empty(await NamesAsync($"q={name}&sync=nonsense"));
        Assert.Empty(await NamesAsync($"q={name}&health=1"));
        Assert.Empty(await NamesAsync($"q={name}&project=other"));
    }

    [Fact]
    public async Task ListOfApplications_AfterADeletion_HasItNoMore()
    {
        var name = HostFixture.NewName();
        await StoreAsync(name);
        await Rest.TrySendAsync(HttpMethod.Delete, $"applications/default/{name}-07?cascade=keep&force=true");

        var left = await Eventually.GetAsync(() => NamesAsync($"q={name}"), names => names.Count < Count, "one application less");

        Assert.Equal(Enumerable.Range(0, Count).Where(index => index != 7).Select(index => $"{name}-{index:00}"), left);
    }

    [Fact]
    public async Task ListOfProjects_WhosePageEndedWithOneThatIsGone_GoesOnAfterIt()
    {
        var name = HostFixture.NewName();
        await Rest.ApplyAsync(string.Join("\n---\n", ((string[])["a", "b", "c"]).Select(end => $"{{apiVersion: gitopsgrains.io/v1, kind: Project, metadata: {{name: {name}-{end}}}, spec: {{}}}}")));
        var first = await Rest.GetAsync<ListView<ProjectView>>($"projects?q={name}&limit=2");
        await Rest.TrySendAsync(HttpMethod.Delete, $"projects/{name}-b");

        var second = await Rest.GetAsync<ListView<ProjectView>>($"projects?q={name}&limit=2&continue={first.Continue}");

        Assert.Equal([$"{name}-a", $"{name}-b"], first.Items.Select(item => item.Metadata.Name));
        Assert.Equal([$"{name}-c"], second.Items.Select(item => item.Metadata.Name));
        Assert.Null(second.Continue);
    }

    private Task<ApplyResponse> StoreAsync(string name) => Rest.ApplyAsync(string.Join("\n---\n", Enumerable.Range(0, Count).Select(index => $$"""
        apiVersion: gitopsgrains.io/v1
        kind: Application
        metadata: {name: "{{name}}-{{index:00}}", labels: {index: "{{index}}"} }
        spec:
          source: {repository: "{{name}}", ref: main, path: app}
          destination: {clusters: ["{{name}}"]}
        """).Append(HostFixture.Repository(name)).Append(HostFixture.Cluster(name))));

    private async Task<IReadOnlyList<string>> NamesAsync(string query) =>
        [.. (await Rest.GetAsync<ListView<ApplicationView>>($"applications?{query}&limit=100")).Items.Select(item => item.Metadata.Name)];
}
