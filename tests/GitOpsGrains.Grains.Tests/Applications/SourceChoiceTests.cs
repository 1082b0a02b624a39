using GitOpsGrains.Abstractions;
using GitOpsGrains.Abstractions.Repositories;
using GitOpsGrains.Documents;
using GitOpsGrains.Grains.Applications;

namespace GitOpsGrains.Grains.Tests.Applications;

public sealed class SourceChoiceTests
{
    private static readonly SourceSpec[] Sources =
    [
        new() { Repository = "charts", Ref = "main", Path = "shop" },
        new() { Repository = "settings", Ref = "v1", Name = "values" },
        new() { Repository = "charts", Ref = "main", Path = "more" },
    ];

    [Theory]
    [InlineData("charts:abc", "charts", "main", "abc")]
    [InlineData("values:refs/heads/x", "settings", "v1", "refs/heads/x")]
    [InlineData("settings:v0", "settings", "v1", "v0")]
    public void Read_WithTheNameOrRepositoryOfASource_ChoosesIt(string text, string repository, string reference, string revision) =>
        Assert.Equal(new SourceChoice(repository, new RefQuery(reference), revision), SourceChoice.Read(Sources, text));

    [Fact]
    public void OneByOne_NamesWhatReadUnderstands_AndHowTheClustersGetAllAtOnce()
    {
        var changed = new[] { Sources[0], Sources[1] }.Select((source, index) => new SourceChoice(source.Repository, RefQuery.Of(source), new string((char)('a' + index), 40))).ToArray();

        var told = RollbackTargets.OneByOne([.. Sources.Select(source => new SourceRevision { Source = source })], changed);

        Assert.Equal("several sources have changed since they were synced together, and a rollback is one commit: suspend the application, roll back with "
            + "--to charts:aaaaaaaa, then --to values:bbbbbbbb, and resume it, so that the clusters get all at once; to take back one alone, name it", told);
        Assert.Equal(changed[1] with { Revision = "bbbbbbbb" }, SourceChoice.Read(Sources, "values:bbbbbbbb"));
    }

    [Theory]
    [InlineData("abc1234", "revision: the application has several sources: write SOURCE:REV, with the name or repository of one (charts, values)")]
    [InlineData("other:abc", "revision: no source has the name or repository that stands before the ':'")]
    [InlineData("charts:-x", "revision: not a branch, tag, ref, commit id or range of versions")]
    public void Read_WithoutOne_IsRefused(string text, string message)
    {
        var refused = Assert.Throws<GrainRefusedException>(() => SourceChoice.Read(Sources, text));
        Assert.Equal((RefusalKind.Invalid, message), (refused.Kind, refused.Message));
    }

    [Fact]
    public void Read_OfSourcesThatFollowOneRef_NeedsNoName() =>
        Assert.Equal("abc1234", SourceChoice.Read([Sources[0], Sources[2]], "abc1234").Revision);
}
