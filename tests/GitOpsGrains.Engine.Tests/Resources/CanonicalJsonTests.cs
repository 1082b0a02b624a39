using System.Buffers;
using System.Text;
using GitOpsGrains.Engine.Resources;

namespace GitOpsGrains.Engine.Tests.Resources;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Write_AnyOrderAndEscapes_IsTheSameText()
    {
        Assert.Equal("""{"a":[1,null,true],"b":{"x":"<é\n\"\\\u0001"},"é":1.50}""", Text("""{ "é" : 1.50, "b":{"x":"\u003c\u00e9\n\"\\\u0001"},"a":[1, null,true]}"""));
        Assert.Equal("{}", Text("{}"));
    }

    [Fact]
    public void Write_TreeAndElement_AreTheSame()
    {
        const string Json = """{"z":"a\tb","a":[{"c":"ü\"","b":[]}],"n":12}""";

        Assert.Equal(Text(Json), Encoding.UTF8.GetString(CanonicalJson.Write(JsonTreeReader.ReadTrusted(Encoding.UTF8.GetBytes(Json)))));
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000012", "0.0000012")]
    [InlineData("1.5e-7", "1.5e-7")]
    [InlineData("123456789.125e2", "12345678912.5")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("-1.25e16", "-12500000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("18446744073709551616", "18446744073709551616")]
    [InlineData("1e400", null)]
    public void JsonNumber_FromJson_IsCanonical(string json, string? expected) =>
        Assert.Equal(expected, JsonNumber.FromJson(Encoding.UTF8.GetBytes(json)));

    private static string Text(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(Live.Json(json), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
