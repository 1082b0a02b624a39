using GitOpsGrains.Rendering.Directory;

namespace GitOpsGrains.Rendering.Tests.Directory;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.yaml", "a.yaml", true)]
    [InlineData("*.yaml", "deep/a.yaml", true)]
    [InlineData("*.yaml", "a.yml", false)]
    [InlineData("**/a.yaml", "x/y/a.yaml", true)]
    [InlineData("a.yaml", "deep/a.yaml", false)]
    [InlineData("a?.yaml", "ab.yaml", true)]
    [InlineData("a?.yaml", "a.yaml", false)]
    [InlineData("[a-c]x.yaml", "bx.yaml", true)]
    [InlineData("[!a-c]x.yaml", "bx.yaml", false)]
    [InlineData("[^a-c]x.yaml", "dx.yaml", true)]
    [InlineData("[]x]", "]", true)]
    [InlineData("[a\\]]", "\\]", true)]
    [InlineData("{config.json,env-usw2/*}", "config.json", true)]
    [InlineData("{config.json,env-usw2/*}", "env-usw2/a.yaml", true)]
    [InlineData("{config.json,env-usw2/*}", "env-use1/a.yaml", false)]
    [InlineData("{a,{b,c}d}.yaml", "cd.yaml", true)]
    [InlineData("{a,{b,c}d}.yaml", "c.yaml", false)]
    [InlineData("{,x}a", "a", true)]
    [InlineData("a,b}", "a,b}", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "axb", false)]
    [InlineData("a.b", "axb", false)]
    [InlineData("(a|b)+$", "(a|b)+$", true)]
    [InlineData("a", "a\n", false)]
    public void IsMatch_FollowsArgoCd(string pattern, string path, bool expected)
    {
        var (glob, fault) = Glob.Parse(pattern);
        Assert.Null(fault);
        Assert.Equal(expected, glob!.IsMatch(path));
    }

    [Theory]
    [InlineData("{a")]
    [InlineData("[a")]
    [InlineData("[")]
    [InlineData("[z-a]")]
    [InlineData("a\\")]
    public void Parse_OfAWrongPattern_SaysSo(string pattern) => Assert.NotNull(Glob.Parse(pattern).Fault);

    [Fact]
    public void IsMatch_OfAHostilePattern_EndsSoon()
    {
        var (glob, _) = Glob.Parse(string.Concat(Enumerable.Repeat("*a", 500)));
        Assert.False(glob!.IsMatch(new string('a', 400) + "b"));
    }
}
