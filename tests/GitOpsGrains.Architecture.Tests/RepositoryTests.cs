namespace GitOpsGrains.Architecture.Tests;

/// <summary>The rules, on the repository as it is.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public void Repository_IsFoundAndRead()
    {
        Assert.Contains(Project.OfSrc, static project => project.Name == "Silo");
        Assert.Contains(SourceTree.Of("Documents"), static file => file.Path.EndsWith("/Document.cs", StringComparison.Ordinal));
        Assert.Contains(SourceTree.Tests, static file => file.Path.EndsWith("/RepositoryTests.cs", StringComparison.Ordinal));
    }

    [Fact]
    public void Projects_UseOnlyWhatTheLayoutAllows() => None(Project.OfSrc.SelectMany(ProjectRules.Violations));

    [Fact]
    public void Engine_StagesUseOnlyEarlierOnes() => None(SourceTree.Of("Engine").SelectMany(LayerRules.EngineViolations));

    [Fact]
    public void Packages_StayInTheirProject() => None(SourceTree.Src.SelectMany(LayerRules.PackageNamespaceViolations));

    [Fact]
    public void Listeners_AreOneWayAndInterleave() => None(SourceTree.Of("Abstractions").SelectMany(GrainRules.ListenerViolations));

    [Fact]
    public void GrainsAndWireTypes_HaveFixedNames() => None(SourceTree.Src.SelectMany(GrainRules.NameViolations));

    [Fact]
    public void Grains_NeverBlock() => None(SourceTree.Of("Grains").SelectMany(GrainRules.BlockingViolations));

    [Fact]
    public void Classes_AreSealed() => None(HabitRules.SealedViolations(SourceTree.Src));

    [Fact]
    public void Files_AreShort() => None(SourceTree.All.SelectMany(HabitRules.LengthViolations));

    [Fact]
    public void Texts_SayNothingOfOneMachineOrOfLater() => None(SourceTree.All.SelectMany(HabitRules.TextViolations));

    [Fact]
    public void Code_NeverSleeps() => None(SourceTree.All.SelectMany(HabitRules.SleepViolations));

    [Fact]
    public void Tests_WaitForConditions() => None(SourceTree.Tests.SelectMany(HabitRules.TestDelayViolations));

    [Fact]
    public void Readmes_AreAtMostAPage() =>
        None(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "README.md", SearchOption.AllDirectories)
            .Where(static path => File.ReadLines(path).Count() > 60)
            .Select(static path => Path.GetRelativePath(SourceTree.Root, path)));

    private static void None(IEnumerable<string> violations) => Assert.True(!violations.Any(), string.Join('\n', violations));
}
