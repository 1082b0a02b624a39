using GitOpsGrains.Abstractions.Ports.Git;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

public sealed class RefNamesTests
{
    private static readonly Dictionary<string, GitRef> Refs = new (string Name, string Commit)[]
    {
        ("HEAD", "c1"), ("refs/heads/main", "c1"), ("refs/tags/v1", "c2"), ("refs/heads/both", "c3"), ("refs/tags/both", "c4"),
        ("refs/heads/same", "c5"), ("refs/tags/same", "c5"), ("refs/tags/v1.2.0", "c6"), ("refs/tags/v1.3.0", "c7"), ("refs/tags/v2.0.0-rc.1", "c8"),
        ("refs/heads/1.x", "c9"), ("refs/heads/7.x", "c10"), ("refs/tags/web/1.4.0", "c11"), ("refs/tags/web/2.0.0", "c12"),
        ("refs/tags/3.0.0", "c13"), ("refs/tags/v3.0.0", "c14"), ("refs/tags/4.0.0", "c15"), ("refs/tags/v4.0.0", "c15"),
    }.ToDictionary(found => found.Name, found => new GitRef(found.Name, found.Commit));

    [Theory]
    [InlineData("", "HEAD")]
    [InlineData("HEAD", "HEAD")]
    [InlineData("main", "refs/heads/main")]
    [InlineData("v1", "refs/tags/v1")]
    [InlineData("refs/tags/both", "refs/tags/both")]
    [InlineData("same", "refs/heads/same")]
    [InlineData(">=1.2.0 <2.0.0", "refs/tags/v1.3.0")]
    [InlineData("~1.2", "refs/tags/v1.2.0")]
    [InlineData(">1.9 <2.0.0-z", "refs/tags/v2.0.0-rc.1")]
    [InlineData("^2-0", "refs/tags/v2.0.0-rc.1")]
    [InlineData("7.x", "refs/heads/7.x")]
    [InlineData("refs/heads/1.x", "refs/heads/1.x")]
    [InlineData("^4", "refs/tags/4.0.0")]
    [InlineData("^1", "refs/tags/web/1.4.0", "web/")]
    [InlineData("1.x", "refs/tags/web/1.4.0", "web/")]
    [InlineData("2.0.0", "refs/tags/web/2.0.0", "web/")]
    public void Find_NameThatIsThere_IsThatRef(string reference, string expected, string tagPrefix = "") =>
        Assert.Equal(expected, Find(reference, tagPrefix).Ref?.Name);

    [Theory]
    [InlineData("both", ConditionTypes.RevisionAmbiguous, "'both' is both a branch and a tag, at different commits; write refs/heads/both or refs/tags/both")]
    [InlineData("gone", ConditionTypes.RevisionMissing, "the repository has no branch or tag 'gone'")]
    [InlineData("1.x", ConditionTypes.RevisionAmbiguous, "'1.x' is both a branch and a range of versions with tags in it; write refs/heads/1.x or another form of the range")]
    [InlineData("^3", ConditionTypes.RevisionAmbiguous, "the range '^3' chooses one version that has several tags at different commits: 3.0.0, v3.0.0")]
    [InlineData("~5.1", ConditionTypes.RevisionMissing, "no tag is a version in the range '~5.1': 12 tags were looked at")]
    [InlineData("~5.1", ConditionTypes.RevisionMissing, "no tag is a version in the range '~5.1': 2 tags that begin with 'web/' were looked at", "web/")]
    public void Find_NameThatSaysTooLittle_IsACondition(string reference, string condition, string message, string tagPrefix = "")
    {
        var finding = Find(reference, tagPrefix);
        Assert.Equal((condition, message), (finding.ConditionType, finding.Message));
    }

    [Fact]
    public void Find_HeadOfAnEmptyRepository_SaysThatItIsEmpty() =>
        Assert.Equal(ConditionTypes.RepositoryEmpty, RefNames.Find(new RefQuery(""), new Dictionary<string, GitRef>()).ConditionType);

    [Theory]
    [InlineData("main", "refs/heads/main refs/tags/main")]
    [InlineData(">=1", "refs/tags/")]
    [InlineData("1.x", "refs/heads/1.x refs/tags/1.x refs/tags/")]
    [InlineData("1.x", "refs/tags/web/", "web/")]
    [InlineData("0123456789abcdef0123456789abcdef01234567", "")]
    public void Prefixes_AskForNoMoreThanMatters(string reference, string expected, string tagPrefix = "") =>
        Assert.Equal(expected, string.Join(' ', RefNames.Prefixes(new RefQuery(reference, tagPrefix))));

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF01234567", false)]
    [InlineData("0123456", false)]
    public void IsCommit_OnlyWholeIds(string reference, bool expected) => Assert.Equal(expected, RefNames.IsCommit(reference));

    [Theory]
    [InlineData("0123456", true)]
    [InlineData("012345", false)]
    [InlineData("0123456789abcdef0123456789abcdef01234567", false)]
    [InlineData("ABCDEF01", false)]
    [InlineData("release", false)]
    public void IsAbbreviated_SevenDigitsOrMore(string reference, bool expected) => Assert.Equal(expected, RefNames.IsAbbreviated(new RefQuery(reference)));

    private static RefFinding Find(string reference, string tagPrefix) => RefNames.Find(new RefQuery(reference, tagPrefix), Refs);
}
