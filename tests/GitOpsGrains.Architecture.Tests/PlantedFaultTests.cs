namespace GitOpsGrains.Architecture.Tests;

/// <summary>Every rule finds a fault that was planted, and leaves the good form alone.</summary>
public sealed class PlantedFaultTests
{
    private static SourceFile File(string text, string path = "src/GitOpsGrains.Grains/A.cs") => new(path, text);

    [Theory]
    [InlineData("Gateway", "Abstractions", null, "")]
    [InlineData("Gateway", "Engine", null, "Gateway may not use Engine")]
    [InlineData("Grains", "Git", null, "Grains may not use Git")]
    [InlineData("Git", "Documents", null, "")]
    [InlineData("Cli", "Abstractions", null, "Cli may not use Abstractions")]
    [InlineData("Documents", "Abstractions", null, "Documents may not use Abstractions")]
    [InlineData("Storage", "Engine", null, "Storage may not use Engine")]
    [InlineData("Grains", null, "Microsoft.Orleans.Server", "")]
    [InlineData("Grains", null, "KubernetesClient", "Grains may not use the package KubernetesClient")]
    [InlineData("Silo", null, "LibGit2Sharp", "only Git uses the package LibGit2Sharp, not Silo")]
    [InlineData("Other", null, null, "Other is not in the layout")]
    public void Projects_Reference_IsJudged(string name, string? project, string? package, string expected)
    {
        var parsed = Project.Parse("GitOpsGrains." + name, $"<Project><ItemGroup>{(project is null ? "" : $"<ProjectReference Include=\"../GitOpsGrains.{project}/GitOpsGrains.{project}.csproj\" />")}{(package is null ? "" : $"<PackageReference Include=\"{package}\" />")}</ItemGroup></Project>");
        Assert.Equal(expected, string.Join('\n', ProjectRules.Violations(parsed)));
    }

    [Theory]
    [InlineData("Diff", "Plan", "Diff may not use Plan")]
    [InlineData("Plan", "Diff", "")]
    [InlineData("Manifests", "Diff", "Manifests may not use Diff")]
    [InlineData("Clusters", "Resources", "")]
    [InlineData("Clusters", "Diff", "Clusters may not use Diff")]
    [InlineData("Plan", "Clusters", "Plan may not use Clusters")]
    [InlineData("Health", "Diff", "Health may not use Diff")]
    [InlineData("Diff", "Health", "")]
    [InlineData("Policy", "Unknown", "Policy may not use Unknown")]
    public void Engine_Use_IsJudged(string folder, string used, string expected)
    {
        var file = File($"\nusing GitOpsGrains.Engine.{used};\n// GitOpsGrains.Engine.Policy in a comment\n", $"src/GitOpsGrains.Engine/{folder}/A.cs");
        Assert.Equal(expected.Length == 0 ? "" : $"src/GitOpsGrains.Engine/{folder}/A.cs:2: {expected}", string.Join('\n', LayerRules.EngineViolations(file)));
    }

    [Fact]
    public void Engine_NewFolder_IsAFault() =>
        Assert.Equal("src/GitOpsGrains.Engine/Misc/A.cs: Misc is no stage of the Engine", Assert.Single(LayerRules.EngineViolations(File("", "src/GitOpsGrains.Engine/Misc/A.cs"))));

    [Fact]
    public void Packages_NamespaceElsewhere_IsAFault()
    {
        Assert.Single(LayerRules.PackageNamespaceViolations(File("using LibGit2Sharp;")));
        Assert.Single(LayerRules.PackageNamespaceViolations(File("using k8s.Models;")));
        Assert.Empty(LayerRules.PackageNamespaceViolations(File("using k8s;", "src/GitOpsGrains.Kubernetes/A.cs")));
    }

    [Fact]
    public void Listeners_MethodWithoutBothAttributes_IsAFault()
    {
        var file = File("""
            public interface ITargetListener : IGrainWithStringKey
            {
                [OneWay, AlwaysInterleave]
                Task ChangedAsync(string row, CancellationToken cancellationToken);

                [OneWay]
                [AlwaysInterleave]
                Task GoneAsync();

                [OneWay]
                Task SlowAsync();
            }
            public interface ITargetGrain { Task SyncAsync(); }
            """);
        Assert.Equal("src/GitOpsGrains.Grains/A.cs:10: a method of ITargetListener must be [OneWay, AlwaysInterleave]", Assert.Single(GrainRules.ListenerViolations(file)));
    }

    [Theory]
    [InlineData("public sealed class A : Grain, IA { }", "the grain A needs [GrainType]")]
    [InlineData("public sealed class A(IB b) : Grain<State>, IA { }", "the grain A needs [GrainType]")]
    [InlineData("[GrainType(\"a\")]\npublic sealed class A : Grain, IA { }", "")]
    [InlineData("[GrainType(\"a\")]\n[Reentrant]\ninternal sealed partial class A : IGrainBase, IA { }", "")]
    [InlineData("public abstract class A : Grain { }", "")]
    [InlineData("public interface IA : IGrainWithStringKey { }", "the grain interface IA needs [Alias]")]
    [InlineData("[Alias(\"a\")]\npublic interface IA : IGrainWithStringKey { }", "")]
    [InlineData("[GenerateSerializer, Immutable]\npublic sealed record A;", "the wire type A needs [Alias]")]
    [InlineData("[GenerateSerializer, Immutable, Alias(\"a\")]\npublic readonly record struct A(int B);", "")]
    [InlineData("public sealed class GrainKeys : Other { }", "")]
    public void Grains_Name_IsJudged(string text, string expected) =>
        Assert.Equal(expected, string.Join('\n', GrainRules.NameViolations(File(text)).Select(static fault => fault.Split(": ", 2)[1])));

    [Theory]
    [InlineData("await x.ConfigureAwait(false);", 1)]
    [InlineData("var y = ReadAsync().Result;", 1)]
    [InlineData("x.Wait();", 1)]
    [InlineData("x.GetAwaiter().GetResult();", 1)]
    [InlineData("entry.Result = history.Result; await gate.WaitAsync(token); // x.Wait()", 0)]
    [InlineData("var text = \"x.Wait()\";", 0)]
    public void Grains_Blocking_IsFound(string code, int expected) => Assert.Equal(expected, GrainRules.BlockingViolations(File(code)).Count());

    [Theory]
    [InlineData("public class A { }", "A must be sealed")]
    [InlineData("public record A { }", "A must be sealed")]
    [InlineData("public sealed class A { }", "")]
    [InlineData("public static class A { }", "")]
    [InlineData("public record struct A { }", "")]
    [InlineData("public class A { }\npublic sealed class B : A { }", "")]
    [InlineData("public class A { }\npublic sealed class B(int c, Func<int> d) : A(c) { }", "")]
    [InlineData("public sealed partial class A { }\npartial class A { }", "")]
    [InlineData("// a class A in words\n/* class B */", "")]
    public void Classes_Open_AreFound(string text, string expected) =>
        Assert.Equal(expected, string.Join('\n', HabitRules.SealedViolations([File(text)]).Select(static fault => fault.Split(": ", 2)[1])));

    [Fact]
    public void Habits_PlantedFaults_AreFound()
    {
        Assert.Single(HabitRules.LengthViolations(File(new string('\n', 501))));
        Assert.Empty(HabitRules.LengthViolations(File(new string('\n', 500))));
        Assert.Single(HabitRules.TextViolations(File("// see /" + "work/x")));
        Assert.Single(HabitRules.TextViolations(File("// TO" + "DO: later")));
        Assert.Empty(HabitRules.TextViolations(File("// https://example.com/" + "work/x")));
        Assert.Single(HabitRules.SleepViolations(File("Thread.Sleep(1);")));
        Assert.Single(HabitRules.TestDelayViolations(File("await Task.Delay(50);")));
        Assert.Single(HabitRules.TestDelayViolations(File("await Task.Delay(TimeSpan.FromSeconds(1), time);")));
        Assert.Empty(HabitRules.TestDelayViolations(File("await Task.Delay(pause, time);")));
        Assert.Empty(HabitRules.TestDelayViolations(File("await Task.Delay(50);", "tests/GitOpsGrains.Testing/Waiting.cs")));
    }

    [Fact]
    public void Code_StringsAndComments_AreBlankedAndLinesKept()
    {
        var file = File("a // b\n\"c\\\"d\" /* e\nf */ '\"' g @\"h\"\"i\" $\"j\" \"\"\"\nk\n\"\"\" l");
        Assert.Equal("a     \n\"    \"     \n     \" \" g", string.Concat(file.Code.TakeWhile(static letter => letter != '@'))[..file.Code.IndexOf('g', StringComparison.Ordinal)] + "g");
        Assert.DoesNotContain("k", file.Code, StringComparison.Ordinal);
        Assert.Equal(file.Text.Count(static letter => letter == '\n'), file.Code.Count(static letter => letter == '\n'));
    }
}
