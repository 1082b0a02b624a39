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
    [InlineData("""{"a":1,"b":{"c":"x","d":[{"e":2,"f":3}]}}""", """{ "b" : {"d":[ {"f":3,"e":2} ],"c":"x"}, "a":1 }""")]
    [InlineData("""{"B":1,"Z":2,"a":3,"a1":4,"aa":5}""", """{"aa":5,"a1":4,"a":3,"Z":2,"B":1}""")]
    [InlineData("""{"":1,"a":2}""", """{"a":2,"":1}""")]
    [InlineData("""{"a":1,"b":2}""", """{"\u0061":1,"b":2}""")]
    [InlineData("""{"f:m":{".":{},"k:{\"name\":\"x\"}":{}}}""", """{"f:m":{"k:{\u0022name\u0022:\u0022x\u0022}":{},".":{}}}""")]
    // The order of strings, which is that of UTF-16: U+10000 begins with D800 and stands before U+FF5E.
    [InlineData("{\"a\":1,\"\U00010000\":2,\"\uFF5E\":3}", "{\"a\":1,\"\uFF5E\":3,\"\U00010000\":2}")]
    public void Write_InOrderOrNot_IsTheSameText(string inOrder, string other)
    {
        Assert.Equal(inOrder, Text(inOrder));
        Assert.Equal(inOrder, Text(other));
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"b":2},"c":3}""")]
    [InlineData("""{"c":3,"b":{"b":2},"a":1}""")]
    public void Write_Skipping_LeavesOutOfThisElementOnly(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(Live.Json($$"""{"b":{{json}},"a":0}"""), output, property => property.Name == "a");

        Assert.Equal("""{"b":{"a":1,"b":{"b":2},"c":3}}""", Encoding.UTF8.GetString(output.WrittenSpan));
        output.ResetWrittenCount();
        CanonicalJson.Write(Live.Json(json), output, property => property.Name == "b");
        Assert.Equal("""{"a":1,"c":3}""", Encoding.UTF8.GetString(output.WrittenSpan));
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
