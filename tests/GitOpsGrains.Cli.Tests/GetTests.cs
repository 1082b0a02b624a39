using System.Text.Json.Nodes;
using GitOpsGrains.Documents;
using GitOpsGrains.Documents.Rest;

namespace GitOpsGrains.Cli.Tests;

public sealed class GetTests
{
    private static readonly string LongMessage = "ApplyFailed: " + string.Join(' ', Enumerable.Repeat("word", 60));

    private static ApplicationView View(string name, string sync) => new()
    {
        Metadata = new DocumentMetadata { Name = name },
        Spec = new ApplicationSpec { Source = new SourceSpec { Repository = "fleet", Ref = "main", Path = "apps/" + name }, Destination = new DestinationSpec { Clusters = ["eu-1", "us-1"] } },
        Status = new ApplicationStatusView
        {
            Sync = sync,
            Health = "Healthy",
            Revision = "0123456789abcdef0123456789abcdef01234567",
            Message = LongMessage,
            Targets = new TargetsSummary { Total = 2, Sync = new Dictionary<string, int> { ["Synced"] = 1, ["OutOfSync"] = 1 } },
        },
    };

    [Fact]
    public async Task Get_ManyPages_AreOneTableWithoutColoursOrCuts()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("GET /api/v1/applications?limit=500", new ListView<ApplicationView> { Items = [View("podinfo", "Synced")], Continue = "a/b", Total = 2 });
        server.OnJson("GET /api/v1/applications?limit=500&continue=a%2Fb", new ListView<ApplicationView> { Items = [View("web", "OutOfSync")], Partial = true });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("get apps"));
        Assert.Equal(
            $"""
            PROJECT   NAME      SYNC        HEALTH    REVISION     TARGETS   MESSAGE
            default   podinfo   Synced      Healthy   0123456789   1/2       {LongMessage[..79]}…
            default   web       OutOfSync   Healthy   0123456789   1/2       {LongMessage[..79]}…

            """,
            run.Out.ToString());
        Assert.Equal("note: parts of the fleet have not answered yet; the list may lack items\n", run.Error.ToString());
    }

    [Fact]
    public async Task Get_Silos_SaysWhatEachHolds()
    {
        await using var server = await StubServer.StartAsync();
        var silo = new SiloView
        {
            Name = "silo-0", Address = "10.0.0.5:11111@123", Host = "one", Status = "Active", Since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Version = "0.1.0", Activations = 7,
            Grains = new Dictionary<string, int> { ["CatalogGrain"] = 2, ["TargetGrain"] = 5 }, Clusters = ["eu-1", "us-1"],
        };
        server.OnJson("GET /api/v1/silos?limit=500", new ListView<SiloView> { Items = [silo, new SiloView { Name = "silo-1", Address = "10.0.0.6:11111@124", Status = "Joining", Message = "it is not active" }] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("get silos"));
        Assert.Equal(
            """
            NAME     ADDRESS              STATUS    SINCE                  VERSION   ACTIVATIONS   CLUSTERS   MESSAGE
            silo-0   10.0.0.5:11111@123   Active    2026-01-02 03:04:05Z   0.1.0     7             2          -
            silo-1   10.0.0.6:11111@124   Joining   -                      -         0             0          it is not active

            """,
            run.Out.ToString());
        run.Out.GetStringBuilder().Clear();
        Assert.Equal(0, await run.RunAsync("get silos -o wide"));
        Assert.Contains("eu-1,us-1   TargetGrain=5,CatalogGrain=2", run.Out.ToString(), StringComparison.Ordinal);
        run.Out.GetStringBuilder().Clear();
        Assert.Equal(0, await run.RunAsync("get silos -o name"));
        Assert.Equal("silo/silo-0\nsilo/silo-1\n", run.Out.ToString());
    }

    [Fact]
    public async Task Get_Wide_ShowsSourceAndDestinationInFull()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("GET /api/v1/applications?selector=team%3Dweb&project=shop&limit=500", new ListView<ApplicationView> { Items = [View("web", "OutOfSync")] });
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("get applications -o wide -l team=web -p shop"));
        Assert.Equal(
            ["default", "web", "OutOfSync", "Healthy", "0123456789", "1/2", "fleet", "main", "apps/web", "eu-1,us-1", LongMessage],
            run.Out.ToString().Split('\n')[1].Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task Get_JsonYamlAndName_AreWhatTheServerSent()
    {
        await using var server = await StubServer.StartAsync();
        server.On("GET /api/v1/applications/shop/web", static context => StubServer.WriteAsync(context, "application/json", """{"apiVersion":"gitopsgrains.io/v1","kind":"Application","metadata":{"name":"web"},"spec":{"project":"shop","newer":{"x":"yes"}},"status":{"sync":"Synced"}}"""));
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("get app shop/web -o json"));
        Assert.Equal("yes", JsonNode.Parse(run.Out.ToString())!["spec"]!["newer"]!["x"]!.GetValue<string>());
        Assert.Equal(0, await run.RunAsync("get app shop/web -o yaml"));
        Assert.Equal("apiVersion: gitopsgrains.io/v1\nkind: Application\nmetadata:\n  name: web\nspec:\n  project: shop\n  newer:\n    x: \"yes\"\nstatus:\n  sync: Synced\n", run.Out.ToString());
        Assert.Equal(0, await run.RunAsync("get app shop/web -o name"));
        Assert.Equal("application/shop/web\n", run.Out.ToString());
    }

    [Fact]
    public async Task Get_OtherKindsAndTheirAliases_HaveTheirTables()
    {
        await using var server = await StubServer.StartAsync();
        server.OnJson("GET /api/v1/clusters/eu-1", new ClusterView { Metadata = new DocumentMetadata { Name = "eu-1" }, Status = new ClusterStatusView { State = "Ready", Version = "v1.34.0", Targets = 3 } });
        server.OnJson("GET /api/v1/repositories?limit=500", new ListView<RepositoryView> { Items = [new RepositoryView { Metadata = new DocumentMetadata { Name = "fleet" }, Spec = new RepositorySpec { Url = "https://example.com/fleet.git" }, Status = new RepositoryStatusView { State = "RepositoryUnreachable", Conditions = [new ConditionView { Type = "RepositoryUnreachable", Message = "no route\u001b[2J" }] } }] });
        server.OnJson("GET /api/v1/projects?limit=500", new ListView<ProjectView>());
        using var run = new CommandLineRun(server.Url);

        Assert.Equal(0, await run.RunAsync("get cluster eu-1"));
        Assert.Equal("NAME   STATE   VERSION   TARGETS   MESSAGE\neu-1   Ready   v1.34.0   3         -\n", run.Out.ToString());
        Assert.Equal(0, await run.RunAsync("get repo"));
        Assert.Equal("NAME    STATE                   URL                             APPLICATIONS   MESSAGE\nfleet   RepositoryUnreachable   https://example.com/fleet.git   0              RepositoryUnreachable: no route [2J\n", run.Out.ToString());
        Assert.Equal(0, await run.RunAsync("get projects"));
        Assert.Equal(("", "no projects\n"), (run.Out.ToString(), run.Error.ToString()));
    }
}
