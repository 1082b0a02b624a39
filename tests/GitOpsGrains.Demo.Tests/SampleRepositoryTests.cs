using GitOpsGrains.Demo.Repository;
using GitOpsGrains.Testing.Git;
using GitOpsGrains.Testing.Kubernetes;

namespace GitOpsGrains.Demo.Tests;

public sealed class SampleRepositoryTests
{
    private readonly DemoFolder _folder = new(TestFolder.New("sample"));

    [Fact]
    public async Task Ensure_MakesCommitsOfSeveralAuthors_ATagAndAClone()
    {
        await EnsureAsync();

        Assert.Equal(
            ["Dan Okafor: Take payments in Europe (#15)", "Bob Lindgren: Add search to the shops in the US (#12)", "Carol Weiss: Migrate the database before orders is rolled out (#7)", "Bob Lindgren: Open the shop (#3)", "Ada Park: Set up the platform of all clusters"],
            (await GitProcess.RunAsync(_folder.Repository, ["log", "--format=%an: %s", "main"])).Split('\n'));
        Assert.Equal("monitoring/1.0.0", await GitProcess.RunAsync(_folder.Repository, ["tag"]));
        Assert.Equal("", await GitProcess.RunAsync(_folder.Clone, ["status", "--porcelain"]));
        Assert.Contains("web:1.3", await File.ReadAllTextAsync(Path.Combine(_folder.Clone, "shop", "web", "web.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await GitProcess.RunAsync(_folder.Repository, ["fsck", "--strict"]);
    }

    [Fact]
    public async Task Ensure_Again_LeavesWhatIsThere()
    {
        await EnsureAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.Clone, "mine.yaml"), "mine", TestContext.Current.CancellationToken);
        var head = await GitProcess.RunAsync(_folder.Repository, ["rev-parse", "main"]);

        await EnsureAsync();

        Assert.Equal(head, await GitProcess.RunAsync(_folder.Repository, ["rev-parse", "main"]));
        Assert.True(File.Exists(Path.Combine(_folder.Clone, "mine.yaml")));
    }

    [Fact]
    public async Task Add_ACommit_IsMadeOnceOnTopOfWhatOthersPushed()
    {
        var repository = await EnsureAsync();
        await GitProcess.RunAsync(_folder.Clone, ["commit", "--quiet", "--allow-empty", "-m", "Mine"]);
        await GitProcess.RunAsync(_folder.Clone, ["push", "--quiet"]);

        var cart = SampleCommit.News.Single(static commit => commit.Application == "shop/cart");
        Assert.True(await repository.AddAsync(cart, TestContext.Current.CancellationToken));
        Assert.False(await repository.AddAsync(cart, TestContext.Current.CancellationToken));

        Assert.Equal($"{cart.Message}\nMine", await GitProcess.RunAsync(_folder.Repository, ["log", "-2", "--format=%s", "main"]));
        Assert.Equal("shop/cart/cart.yaml\nshop/cart/settings.yaml", await GitProcess.RunAsync(_folder.Repository, ["ls-tree", "-r", "--name-only", "main", "shop/cart"]));
    }

    private async Task<SampleRepository> EnsureAsync()
    {
        _folder.Create();
        var repository = new SampleRepository(_folder, TimeProvider.System);
        await repository.EnsureAsync(TestContext.Current.CancellationToken);
        return repository;
    }
}
