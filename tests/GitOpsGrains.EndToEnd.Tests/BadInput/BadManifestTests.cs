using System.Globalization;
using System.Text;
using GitOpsGrains.Documents.Rest;
using GitOpsGrains.EndToEnd.Tests.InProcess;

namespace GitOpsGrains.EndToEnd.Tests.BadInput;

/// <summary>Files that can't be manifests. Each is one commit that also changes and removes objects.</summary>
public sealed class BadManifestTests(SharedFleet fleet)
{
    [Fact]
    public Task BrokenYaml_IsNamedWithFileDocumentAndLine() => RefusedAsync(
        "bad/x.yaml", Scene.ConfigMap("fine", "1") + "---\napiVersion: v1\nkind: [broken\n",
        Fault("x.yaml", 1, null, "the YAML is broken at line 8, column 1: While parsing a flow sequence, did not find expected ',' or ']'"));

    [Fact]
    public Task DocumentWithoutKind_IsNamed() => RefusedAsync(
        "bad/x.yaml", Scene.ConfigMap("fine", "1") + "---\napiVersion: v1\nmetadata: {name: x}\n",
        Fault("x.yaml", 1, null, "kind is missing"));

    [Fact]
    public Task DocumentWithoutApiVersion_IsNamed() => RefusedAsync(
        "bad/x.yaml", "kind: ConfigMap\nmetadata: {name: x}\n",
        Fault("x.yaml", 0, null, "apiVersion is missing"));

    [Fact]
    public Task FaultsOfSeveralFiles_AreAllTold() => RefusedAsync(
        "bad/y.yaml", "kind: ConfigMap\napiVersion: v1\n", async scene => await scene.Work.WriteAsync("bad/x.json", "{"),
        ["bad/y.yaml", "bad/x.json"],
        Fault("x.json", 0, null, "the JSON is broken at line 1: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed"),
        Fault("y.yaml", 0, null, "metadata.name is missing"));

    [Fact]
    public async Task SameObjectTwice_NamesBothPlaces()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        await story.Scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("twin", "1") + "---\n" + Scene.ConfigMap("twin", "2"));
        await story.PublishAsync();
        await story.StandsAsync(Fault("x.yaml", 1, "/ConfigMap:/twin", "the same object is already in x.yaml#0"));
        await story.MendAsync("bad/x.yaml");
    }

    /// <summary>One manifest names the namespace that the other is given: the same object on the cluster.</summary>
    [Fact]
    public async Task SameObjectOnceTheNamespaceIsFilledIn_NamesBothPlaces()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        var scene = story.Scene;
        await scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("twin", "1"));
        await scene.Work.WriteAsync("bad/y.yaml", Scene.ConfigMap("twin", "2", $", namespace: {scene.Name}"));
        await story.PublishAsync();
        var view = await scene.ConditionAsync(BadCommit.Application, "RenderFailed");
        Assert.Equal("y.yaml", view.File);
        Assert.Equal(0, view.Document);
        Assert.Equal(scene.IdOf("twin"), view.Object);
        Assert.Equal($"{scene.Cluster}: the same object is already in x.yaml#0", view.Message);
        await story.StandsAsync(view);
        await story.MendAsync("bad/x.yaml", "bad/y.yaml");
    }

    [Fact]
    public async Task KindWithoutDefinition_IsNamedWithItsObject()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        await story.Scene.Work.WriteAsync("bad/x.yaml", Scene.ConfigMap("fine", "1") + "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n");
        await story.PublishAsync();
        await story.StandsAsync(new ConditionView
        {
            Type = "KindUnknown",
            File = "x.yaml",
            Document = 1,
            Object = "example.com/Widget:/w",
            Message = $"{story.Scene.Cluster}: the cluster has no kind Widget in example.com/v1, and no CustomResourceDefinition here defines it",
        });
        Assert.Null(await story.Scene.FindAsync("fine"));
        await story.MendAsync("bad/x.yaml");
    }

    [Fact]
    public async Task FileThatIsNotUtf8_IsNamed()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        await File.WriteAllBytesAsync(
            Path.Combine(story.Scene.Work.Folder, "bad", "x.yaml"), Encoding.Latin1.GetBytes(Scene.ConfigMap("x", "Käse")), TestContext.Current.CancellationToken);
        await story.PublishAsync();
        await story.StandsAsync(Fault("x.yaml", null, null, "the file is not UTF-8"));
        await story.MendAsync("bad/x.yaml");
    }

    [Fact]
    public Task AliasBomb_IsRefusedByItsSize()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 10; level++)
            bomb.Append(CultureInfo.InvariantCulture, $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        return RefusedAsync("bad/x.yaml", bomb.ToString(), Fault("x.yaml", 0, null, "the document has more than 1000000 nodes with its aliases expanded (line 6, column 45)"));
    }

    [Fact]
    public Task FileOverTheLimit_IsRefusedUnread() => RefusedAsync(
        "bad/x.yaml", new string('#', (10 * 1024 * 1024) + 1),
        Fault("x.yaml", null, null, "the file has 10485761 bytes, more than the 10485760 that one file may have"));

    [Fact]
    public async Task CommitOverTheLimit_IsRefusedUnread()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        string[] files = [.. Enumerable.Range(0, 6).Select(index => $"bad/x{index}.yaml")];
        foreach (var file in files) await story.Scene.Work.WriteAsync(file, new string('#', 9 * 1024 * 1024));
        await story.PublishAsync();
        var total = (6 * 9 * 1024 * 1024) + Scene.ConfigMap("changed", "two").Length;
        await story.StandsAsync(Fault(".", null, null, $"the 7 files have {total} bytes together, more than the 52428800 that one source may have"));
        await story.MendAsync(files);
    }

    [Fact]
    public async Task LinkOutOfTheRepository_IsRefused()
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        story.Scene.Work.Link("bad/x.yaml", "../../../../etc/passwd");
        story.Scene.Work.Link("bad/y.yaml", "/etc/passwd");
        await story.PublishAsync();
        await story.StandsAsync(
            Fault("x.yaml", null, null, "the symbolic link leaves the source's path"),
            Fault("y.yaml", null, null, "the symbolic link is absolute"));
        await story.MendAsync("bad/x.yaml", "bad/y.yaml");
    }

    private Task RefusedAsync(string file, string text, params ConditionView[] expected) => RefusedAsync(file, text, _ => Task.CompletedTask, [file], expected);

    private async Task RefusedAsync(string file, string text, Func<Scene, Task> more, string[] files, params ConditionView[] expected)
    {
        var story = await BadCommit.BeginAsync(await fleet.NewSceneAsync());
        await story.Scene.Work.WriteAsync(file, text);
        await more(story.Scene);
        await story.PublishAsync();
        await story.StandsAsync(expected);
        await story.MendAsync(files);
    }

    private static ConditionView Fault(string file, int? document, string? id, string message) =>
        new() { Type = "RenderFailed", File = file, Document = document, Object = id, Message = message };
}
