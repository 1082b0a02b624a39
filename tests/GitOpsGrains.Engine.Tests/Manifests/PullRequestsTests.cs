using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

public sealed class PullRequestsTests
{
    [Theory]
    [InlineData("Merge pull request #12 from team/branch\n\nMore pods", "#12")]
    [InlineData("More pods (#345)", "#345")]
    [InlineData("More pods (!7)", "!7")]
    [InlineData("Merged in feature/x (pull request #9)", "#9")]
    [InlineData("Merged PR 88: More pods", "#88")]
    [InlineData("Merge branch 'x' into 'main'\n\nMore pods\n\nSee merge request platform/fleet!21", "!21")]
    [InlineData("Fix #12 and more", null)]
    [InlineData("More pods\n\nCloses (#12)\nreally", null)]
    [InlineData("", null)]
    public void Of_Message_TellsTheRequestOnlyWhereItWasMerged(string message, string? expected) => Assert.Equal(expected, PullRequests.Of(message));
}
