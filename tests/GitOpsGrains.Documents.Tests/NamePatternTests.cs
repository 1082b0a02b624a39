namespace GitOpsGrains.Documents.Tests;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("web", "web", true)]
    [InlineData("web", "webs", false)]
    [InlineData("web-*", "web-1", true)]
    [InlineData("*-prod", "eu-prod-prod", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("eu-?", "eu-1", true)]
    [InlineData("eu-?", "eu-", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("[a]", "a", false)]
    public void Matches_Pattern_AsSaid(string pattern, string name, bool expected) => Assert.Equal(expected, NamePattern.Matches(pattern, name));

    [Fact]
    public void Matches_SelectorOfClusters_WantsAllLabels()
    {
        var labels = new Dictionary<string, string> { ["region"] = "eu", ["tier"] = "prod" };
        Assert.True(new ClusterSelector { MatchLabels = new Dictionary<string, string> { ["region"] = "eu" } }.Matches(labels));
        Assert.True(new ClusterSelector { MatchLabels = new Dictionary<string, string>() }.Matches(labels));
        Assert.False(new ClusterSelector { MatchLabels = new Dictionary<string, string> { ["region"] = "us" } }.Matches(labels));
        Assert.False(new ClusterSelector().Matches(labels));
    }
}
