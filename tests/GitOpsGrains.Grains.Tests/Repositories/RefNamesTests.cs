using GitOpsGrains.Abstractions.Status;
using GitOpsGrains.Grains.Repositories;

namespace GitOpsGrains.Grains.Tests.Repositories;

public sealed class RefNamesTests
{
    private static readonly Dictionary<string, string> Refs = new()
    {
        ["HEAD"] = "c1", ["refs/heads/main"] = "c1", ["refs/tags/v1"] = "c2", ["refs/heads/both"] = "c3", ["refs/tags/both"] = "c4",
        ["refs/heads/same"] = "c5", ["refs/tags/same"] = "c5",
    };

    [Theory]
    [InlineData("", "HEAD")]
    [InlineData("HEAD", "HEAD")]
    [InlineData("main", "refs/heads/main")]
    [InlineData("v1", "refs/tags/v1")]
    [InlineData("refs/tags/both", "refs/tags/both")]
    [InlineData("same", "refs/heads/same")]
    public void Find_NameThatIsThere_IsThatRef(string reference, string expected) => Assert.Equal(expected, RefNames.Find(reference, Refs).Ref?.Name);

    [Theory]
    [InlineData("both", ConditionTypes.RevisionAmbiguous)]
    [InlineData("gone", ConditionTypes.RevisionMissing)]
    public void Find_NameThatSaysTooLittle_IsACondition(string reference, string condition) => Assert.Equal(condition, RefNames.Find(reference, Refs).ConditionType);

    [Fact]
    public void Find_HeadOfAnEmptyRepository_SaysThatItIsEmpty() =>
        Assert.Equal(ConditionTypes.RepositoryEmpty, RefNames.Find("", new Dictionary<string, string>()).ConditionType);

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF01234567", false)]
    [InlineData("0123456", false)]
    public void IsCommit_OnlyWholeIds(string reference, bool expected) => Assert.Equal(expected, RefNames.IsCommit(reference));
}
