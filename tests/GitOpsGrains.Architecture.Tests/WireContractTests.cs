using GitOpsGrains.Abstractions.Silos;

namespace GitOpsGrains.Architecture.Tests;

/// <summary>Serialised types stay as they were shipped; additions are listed, so that a review sees them.</summary>
public sealed class WireContractTests
{
    private const string Rewrite = "GITOPSGRAINS_LIST_CONTRACTS";

    private static string File => Path.Combine(SourceTree.Root, "src/GitOpsGrains.Abstractions/WireContracts.txt");

    [Fact]
    public void SerialisedTypes_AreAsTheyWereShipped()
    {
        var now = WireContracts.Describe(typeof(ISiloGrain).Assembly.GetTypes());
        var shipped = WireContracts.Parse(System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File) : "");
        if (Environment.GetEnvironmentVariable(Rewrite) is { Length: > 0 })
        {
            System.IO.File.WriteAllText(File, WireContracts.Write(shipped, now));
            shipped = WireContracts.Parse(System.IO.File.ReadAllText(File));
        }
        Assert.Equal([], WireContracts.Violations(shipped, now));
        Assert.True(now.Count > 50, "the types are found");
    }

    [Theory]
    [InlineData("a\n  0 Name String\n  1 Count Int32\n", "a\n  0 Name String\n  1 Count Int32\n")]
    [InlineData("a\n  0 Name String\n", "a\n", "a 0 ('Name String') is gone; write '  0 -' in its place")]
    [InlineData("a\n  0 Name String\n", "a\n  1 Name String\n", "a 0 ('Name String') is gone; write '  0 -' in its place", "a 1 'Name String' is not listed")]
    [InlineData("a\n  0 Count Int32\n", "a\n  0 Count Int64\n", "a 0 was 'Count Int32' and is 'Count Int64'")]
    [InlineData("a\n  0 -\n", "a\n  0 Name String\n", "a 0 was used before; 'Name String' needs a new number")]
    [InlineData("a\n  0 -\n", "a\n")]
    [InlineData("a\n", "", "a is gone: an older silo may still send it")]
    [InlineData("", "b\n", "b is not listed")]
    [InlineData("a\n  0 Name String\n", "a\n  0 Name String\n  1 New String\n", "a 1 'New String' is not listed")]
    public void Violations_OfAChange_AreThese(string shipped, string now, params string[] violations) =>
        Assert.Equal(violations, WireContracts.Violations(WireContracts.Parse(shipped), WireContracts.Parse(now)));

    [Fact]
    public void Write_OfAChange_ListsWhatIsNewAndKeepsWhatWasShipped()
    {
        var (shipped, now) = (WireContracts.Parse("a\n  0 Count Int32\n  1 -\n"), WireContracts.Parse("a\n  0 Count Int64\n  2 New String\nb\n"));
        var written = WireContracts.Parse(WireContracts.Write(shipped, now));
        Assert.Equal(["a 0 was 'Count Int32' and is 'Count Int64'"], WireContracts.Violations(written, now));
        Assert.Equal("-", written["a"][1]);
    }
}
