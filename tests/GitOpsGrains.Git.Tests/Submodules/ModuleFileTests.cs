using GitOpsGrains.Git.Submodules;

namespace GitOpsGrains.Git.Tests.Submodules;

public sealed class ModuleFileTests
{
    [Theory]
    [InlineData("[submodule \"a\"]\n\tpath = libs/a\n\turl = ../a.git\n", "libs/a=../a.git")]
    [InlineData("[submodule \"a\"]\r\npath=\"libs/a b\" ; why\r\nurl = https://h/a#x\r\n", "libs/a b=https://h/a")]
    [InlineData("[submodule \"a\"]\npath=a\nurl=one\nurl=two\n[core]\npath=b\nurl=c\n[submodule \"d\"]\npath=d\n", "a=two")]
    [InlineData("[include]\n\tpath = /etc/passwd\n", "")]
    [InlineData("[submodule \"a\"]\n\tpath = /a/\n\turl = \"x\\\"y\"\n", "a=x\"y")]
    [InlineData("no config at all", "")]
    public void Parse_OfAFile_GivesPathsAndUrls(string text, string expected) =>
        Assert.Equal(expected, string.Join(';', ModuleFile.Parse(text).Select(pair => $"{pair.Key}={pair.Value}")));
}
