using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GitOpsGrains.Deployment.Tests.Images;

/// <summary>What deploy/Dockerfile promises; deploy/tests/run.sh really builds it.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string Dockerfile = DeployedFiles.Read("deploy/Dockerfile");

    [Theory]
    [InlineData("Silo")]
    [InlineData("Gateway.Host")]
    [InlineData("Cli")]
    public void Context_HasAllThatAProgramIsBuiltFrom(string program)
    {
        Assert.Matches($@"for project in .*\b{Regex.Escape(program)}\b", Dockerfile);
        var allowed = Allowed();
        foreach (var file in Closure(DeployedFiles.PathOf($"src/GitOpsGrains.{program}/GitOpsGrains.{program}.csproj")).Append(DeployedFiles.PathOf("global.json")))
            Assert.Contains(Path.GetRelativePath(DeployedFiles.Root, file).Split('/')[0], allowed);
    }

    [Fact]
    public void Context_HasNothingBesides()
    {
        Assert.Equal("*", DeployedFiles.Read(".dockerignore").Split('\n').First(static line => line.Length > 0 && line[0] != '#'));
        Assert.All(Allowed(), static entry => Assert.True(Path.Exists(DeployedFiles.PathOf(entry)), entry));
    }

    [Fact]
    public void Bases_ArePinned()
    {
        var bases = Argument().Matches(Dockerfile).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        Assert.Equal(["ASPNET", "HELM", "KUBECTL", "SDK"], bases.Keys.Order(StringComparer.Ordinal));
        Assert.All(bases.Values, static image => Assert.Matches(@":v?\d+\.\d+\.\d+(-[a-z]+)?$", image));
        var stages = Stage().Matches(Dockerfile);
        Assert.All(stages, match => Assert.True(match.Groups[1].Value.StartsWith("${", StringComparison.Ordinal) || stages.Any(other => other.Groups[2].Value == match.Groups[1].Value), match.Value));
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public void Image_RunsAsAUserByNumber(string target)
    {
        var stage = Dockerfile[Dockerfile.IndexOf($" AS {target}\n", StringComparison.Ordinal)..];
        var end = stage.IndexOf("\nFROM ", StringComparison.Ordinal);
        Assert.Contains("\nUSER 10001:10001\n", end < 0 ? stage : stage[..end], StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_AreKnown() => Assert.All(DeployedFiles.Settings(Dockerfile), static name => Assert.Null(DeployedFiles.FindUnknown(name)));

    /// <summary>Of what .dockerignore lets in, the first part of each path.</summary>
    private static string[] Allowed() =>
        [.. DeployedFiles.Read(".dockerignore").Split('\n').Where(static line => line.StartsWith('!')).Select(static line => line[1..].Split('/')[0]).Distinct(StringComparer.Ordinal)];

    /// <summary>A project, what it refers to, and the properties that apply to them.</summary>
    private static HashSet<string> Closure(string project)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([project]);
        while (open.TryPop(out var next))
        {
            if (!found.Add(next)) continue;
            foreach (var reference in XDocument.Load(next).Descendants("ProjectReference")) open.Push(Path.GetFullPath(reference.Attribute("Include")!.Value, Path.GetDirectoryName(next)!));
            for (var folder = new DirectoryInfo(Path.GetDirectoryName(next)!); folder.FullName != Path.GetDirectoryName(DeployedFiles.Root); folder = folder.Parent!)
                found.UnionWith(folder.EnumerateFiles("Directory.*.props").Select(static file => file.FullName));
        }
        return found;
    }

    [GeneratedRegex(@"^ARG ([A-Z]+)=([^\s]+:[^\s]+)$", RegexOptions.Multiline)]
    private static partial Regex Argument();

    [GeneratedRegex(@"^FROM (\S+) AS (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Stage();
}
