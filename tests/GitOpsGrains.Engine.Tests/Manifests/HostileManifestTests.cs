using System.Diagnostics;
using System.Text;
using GitOpsGrains.Engine.Manifests;

namespace GitOpsGrains.Engine.Tests.Manifests;

public sealed class HostileManifestTests
{
    [Fact]
    public void Parse_AliasBomb_IsRefusedBeforeItGrows()
    {
        var text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++) text.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains("has more than 1000000 nodes with its aliases expanded", Refused(text.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LongTextAliasedOften_IsRefused()
    {
        var text = "a: &a " + new string('x', 100_000) + "\nb: [" + string.Join(',', Enumerable.Repeat("*a", 1000)) + "]\n";

        Assert.Contains("bytes with its aliases expanded", Refused(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yaml", "a: ")]
    [InlineData("json", "")]
    public void Parse_DeepNesting_IsRefused(string kind, string start)
    {
        var text = start + new string('[', 100_000) + new string(']', 100_000);

        Assert.NotEqual("", Refused(text, "f." + kind));
    }

    [Fact]
    public void Parse_BlockNestingAtTheLimit_IsToldWithLine() =>
        Assert.Contains("is nested deeper than 100 levels (line 101", Refused(string.Concat(Enumerable.Range(0, 200).Select(depth => new string(' ', depth) + "a:\n"))), StringComparison.Ordinal);

    [Fact]
    public void Parse_TooLarge_IsRefused() =>
        Assert.Equal("the file is larger than 10 bytes", ManifestParser.Parse("f", new byte[11], new RenderLimits { MaxFileBytes = 10 }).Faults[0].Reason);

    [Fact]
    public void Parse_TooManyObjects_IsRefused()
    {
        var result = ManifestParser.Parse("f", Encoding.UTF8.GetBytes(Documents(4)), new RenderLimits { MaxObjects = 3 });

        Assert.Equal(3, result.Objects.Count);
        Assert.Equal("the file holds more than 3 objects", Assert.Single(result.Faults).Reason);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(31)]
    public void Parse_ManyDocuments_KeepsTheirOrderAndPositions(int count)
    {
        var result = Parse(Documents(count));

        Assert.Empty(result.Faults);
        Assert.Equal(Enumerable.Range(0, count).Select(i => ($"c{i}", i)), result.Objects.Select(item => (item.Id.Name, item.Position.Document)));
    }

    [Fact]
    public void Parse_ManyDocumentsWithFaults_NamesThemInOrder()
    {
        var result = Parse(Documents(400).Replace("c390}", "c390", StringComparison.Ordinal).Replace("c7}", "c7", StringComparison.Ordinal));

        Assert.Equal([7, 390], result.Faults.Select(fault => fault.Document));
        Assert.Equal(398, result.Objects.Count);
    }

    [Fact]
    public void Parse_ManyDocumentsOverTheLimits_AreRefusedAsFewAre()
    {
        var content = Encoding.UTF8.GetBytes(Documents(400));

        var objects = ManifestParser.Parse("f", content, new RenderLimits { MaxObjects = 399 });
        var bytes = ManifestParser.Parse("f", content, new RenderLimits { MaxTotalBytes = 10_000 });

        Assert.Equal("the file holds more than 399 objects", Assert.Single(objects.Faults).Reason);
        Assert.Equal("the objects of the file are larger than 10000 bytes", bytes.Faults[0].Reason);
    }

    private static string Documents(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\n"));

    [Fact]
    public void Parse_BrokenDocumentsWithoutEnd_StopsAtTheLimitOfFaults()
    {
        var text = string.Concat(Enumerable.Repeat("---\n}\n", 200_000));
        var clock = Stopwatch.StartNew();

        var result = Parse(text);

        Assert.Equal(ManifestParser.MaxFaults + 1, result.Faults.Count);
        Assert.Equal("too many faults: the rest of the file was not read", result.Faults[^1].Reason);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Parse_ManyDuplicateKeys_IsNotQuadratic()
    {
        var text = "a: {" + string.Join(',', Enumerable.Range(0, 200_000).Select(i => $"k{i % 100_000:d6}: 1")) + "}";

        Assert.Equal(ManifestParser.MaxFaults, Parse(text).Faults.Count);
    }

    [Fact]
    public void Parse_SecretThatIsWrong_NeverTellsItsValue()
    {
        var text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: [hunter2]}\ndata: {x: hunter2-}\n";

        Assert.All(Parse(text).Faults, fault => Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Random damage to good manifests: whatever comes, it is a result.</summary>
    [Fact]
    public void Parse_DamagedText_NeverThrows()
    {
        const string Good = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {a: b, 'c': \"d\"}\ndata:\n  x: |\n    text\n  y: &y [1, 2]\n  z: *y\n  <<: {a: 1}\n  t: !!int 0x12\n";
        const string Bad = "{}[]:,&*!|>'\"%@`#-?\n\t ~<0x9.\\\u2028\ud83d\ude00";
#pragma warning disable CA5394 // Repeatable damage is wanted, not secrecy.
        var random = new Random(4711);
        var results = 0;
        for (var round = 0; round < 4000; round++)
        {
            var text = new StringBuilder(Good);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0) text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at));
                else text.Insert(at, Bad[random.Next(Bad.Length)]);
            }
#pragma warning restore CA5394
            var result = Parse(text.ToString());
            results += result.Objects.Count + result.Faults.Count;
        }

        Assert.True(results > 2000);
    }

    private static string Refused(string text, string file = "f.yaml")
    {
        var result = Parse(text, file);
        Assert.Empty(result.Objects);
        return Assert.Single(result.Faults).Reason;
    }

    private static ManifestParseResult Parse(string text, string file = "f.yaml") =>
        ManifestParser.Parse(file, Encoding.UTF8.GetBytes(text), RenderLimits.Default);
}
