using System.Diagnostics;
using System.Text;
using GitOpsGrains.Documents.Parsing;

namespace GitOpsGrains.Documents.Tests;

public sealed class HostileInputTests
{
    [Fact]
    public void Parse_AliasBomb_StopsAtTheNodeLimit()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        var clock = Stopwatch.StartNew();
        var fault = Assert.Single(Streams.Parse(text.ToString()).Faults);

        Assert.Equal("document 0, line 5: more than 100000 values, aliases expanded", fault.ToString());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
    }

    /// <summary>Few nodes, each of them long: what a document is copied to in memory has as many characters.</summary>
    [Fact]
    public void Parse_AliasesOfALongText_StopAtTheLimitOfCharacters()
    {
        var text = $"a: &a \"{new string('x', 100_000)}\"\nb: [{string.Join(", ", Enumerable.Repeat("*a", 1000))}]\n";

        var fault = Assert.Single(Streams.Parse(text).Faults);

        Assert.Equal($"document 0, line 2: more than {DocumentLimits.Default.MaxBytes} characters in expanded aliases", fault.ToString());
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("{\"a\":", "}")]
    [InlineData("- ", "")]
    public void Parse_DeepNesting_StopsAtTheDepthLimit(string open, string close)
    {
        var text = string.Concat(Enumerable.Repeat(open, 5000)) + "1" + string.Concat(Enumerable.Repeat(close, 5000));
        Assert.Equal("document 0, line 1: nested deeper than 50 levels", Assert.Single(Streams.Parse(text).Faults).ToString());
    }

    [Fact]
    public void Parse_TooManyBytesDocumentsFaultsOrLongKeys_AreRefused()
    {
        Assert.Equal("the stream is larger than 10 bytes", Only("aaaaaaaaaaa", new DocumentLimits { MaxBytes = 10 }));
        Assert.Equal("more than 2 documents", Streams.Parse("a: 1\n---\na: 1\n---\na: 1\n---\na: 1\n", new DocumentLimits { MaxDocuments = 2 }).Faults[^1].ToString());
        Assert.Equal("document 0, line 1: a key is longer than 8 characters", Only("aaaaaaaaa: 1", new DocumentLimits { MaxKeyLength = 8 }));
        var many = Streams.Parse(Streams.With("sync: {a: 1, b: 1, c: 1, d: 1}"), new DocumentLimits { MaxFaults = 2 }).Faults;
        Assert.Equal(3, many.Count);
        Assert.Equal("more than 2 faults; the rest is not listed", many[2].ToString());

        static string Only(string text, DocumentLimits limits) => Assert.Single(Streams.Parse(text, limits).Faults).ToString();
    }

    [Fact]
    public void Parse_LongKeyInManyPlaces_MakesShortPaths()
    {
        var key = new string('k', 1000);
        var fault = Assert.Single(Streams.Parse(Streams.With($"{key}: 1")).Faults);
        Assert.Equal($"spec.{new string('k', 64)}…", fault.Path);
    }

    [Fact]
    public void Parse_ControlCharactersInNames_AreShownAsQuestionMarks()
    {
        var fault = Assert.Single(Streams.Parse(Streams.With("\"x\\e[31m\\n\": 1")).Faults);
        Assert.Equal("spec.x?[31m?", fault.Path);
    }

    [Theory]
    [InlineData("{\"apiVersion\": \"gitopsgrains.io/v1\", \"kind\": \"\\ud800\"}")]
    [InlineData("{\"apiVersion\": \"gitopsgrains.io/v1\", \"kind\": \"Project\"} trailing")]
    [InlineData("{\"apiVersion\": \"gitopsgrains.io/v1\", \"kind\":")]
    [InlineData("a: \"\\ud800\"")]
    [InlineData("a: 'unclosed")]
    [InlineData("\t- x")]
    [InlineData("&a [*a]")]
    [InlineData("? [a]\n: b")]
    [InlineData("%BAD\n---\na: 1")]
    public void Parse_Broken_IsAFaultNotAnException(string text) => Assert.NotEmpty(Streams.Parse(text).Faults);

    [Fact]
    public void Parse_RandomDamage_NeverThrows()
    {
        var random = new Random(7);
        var whole = Encoding.UTF8.GetBytes(Streams.With("sync: {prune: {budget: {objects: 3}}, timeout: 3m, options: [CreateNamespace=true]}") + "\n---\n{\"kind\": \"Project\", \"x\": [1, 2.5, null]}\n");
        var damage = "{}[]:,-&*!#|>'\"%@`\n\t a1\\"u8.ToArray();
        for (var round = 0; round < 3000; round++)
        {
            var bytes = whole.ToArray();
            for (var change = 0; change < 3; change++) bytes[random.Next(bytes.Length)] = damage[random.Next(damage.Length)];
            var result = DocumentStream.ParseAndValidate(bytes, DocumentLimits.Default, Validation.AdminPolicy.Local);
            Assert.True(result.Documents.Count + result.Faults.Count > 0);
        }
    }
}
